import { insertLabels, rebuildPerformanceCells, startOfHour, type Store } from '@plumbline/storage';

/** What one version answered to a request, and what was true. */
export interface SeededAnswer {
  readonly version: string;
  /** Minute of the day; all in the day that begins at `dayMs`. */
  readonly minute: number;
  readonly label: string;
  readonly truth?: string;
  readonly score?: number;
  readonly traceId?: string;
}

/** Stores raw predictions with their labels, and the cells of traffic and performance that belong to them. */
export async function seedVersions(
  store: Store,
  project: string,
  model: string,
  dayMs: number,
  answers: readonly SeededAnswer[],
): Promise<void> {
  const instant = (timestampMs: number): string => new Date(timestampMs).toISOString().replace('T', ' ').slice(0, 23);
  const identity = `${project}/${model}/${dayMs}/${answers.length}`;
  const times = answers.map(({ minute }) => dayMs + minute * 60_000);
  const rows = answers.map(({ version, label, score, traceId }, index) => ({
    project,
    model,
    version,
    timestamp: instant(times[index]!),
    prediction_id: `${dayMs}-${index}`,
    label,
    value: Number.isNaN(Number(label)) ? 0 : Number(label),
    // A column without a default for a missing score: none of these has one then.
    score: score ?? 0,
    trace_id: traceId ?? '',
  }));
  await store.insert('prediction', rows, `prediction:${identity}`);
  const labels = answers.flatMap(({ truth }, index) =>
    truth === undefined
      ? []
      : [
          {
            project,
            model,
            predictionId: `${dayMs}-${index}`,
            timestampMs: times[index]!,
            label: truth,
            value: Number(truth),
            receivedAtMs: times[index]!,
          },
        ],
  );
  await insertLabels(store, labels, identity);
  const cells = answers.map(({ version }, index) => ({
    project,
    model,
    version,
    segment: '',
    minute: instant(times[index]!).slice(0, 19),
    n: 1,
    id_hash_sum: index,
  }));
  await store.insert('traffic_cell', cells, `traffic_cell:${identity}`);
  const hours = [...new Set(times.map(startOfHour))];
  await rebuildPerformanceCells(store, project, model, hours, '1', dayMs);
}
