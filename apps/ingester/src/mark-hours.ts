import type { PredictionColumns } from '@plumbline/contracts';
import { type HourMark, markHoursDirty, startOfHour, type Store } from '@plumbline/storage';

/** Says that the cells of the hours of these predictions must be checked before they are trusted. */
export async function markHours(
  store: Store,
  batch: readonly PredictionColumns[],
  identity: string,
  nowMs: number,
): Promise<void> {
  await markHoursDirty(store, [...marksOf(batch, nowMs).values()], `${identity}:${nowMs}`);
}

/** One mark for each hour of the predictions, by `project/model/hour`. */
export function marksOf(batch: readonly PredictionColumns[], nowMs: number): Map<string, HourMark> {
  const marks = new Map<string, HourMark>();
  for (const { project, model, timestampsMs } of batch) {
    let lastHourMs = NaN;
    for (const timestampMs of timestampsMs) {
      const hourMs = startOfHour(timestampMs);
      if (hourMs === lastHourMs) continue;
      lastHourMs = hourMs;
      const mark: HourMark = { project, model, aspect: 'prediction', hourMs, touchedAtMs: nowMs };
      marks.set(`${project}/${model}/${hourMs}`, mark);
    }
  }
  return marks;
}
