import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '@plumbline/contracts';
import { performanceEstimates } from '@plumbline/monitoring';
import { insertLabels, mergePerformanceCells, migrate, rebuildPerformanceCells, Store } from '@plumbline/storage';

/** A prediction and what was true. */
export interface LabelledRow {
  readonly label?: string;
  readonly value?: number;
  readonly score?: number;
  readonly scores?: Readonly<Record<string, number>>;
  readonly truth: string | number;
}

export type Estimates = ReturnType<typeof performanceEstimates>;

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const HOURS = 3;

/** The generator of make_performance_golden.py: uniform on (0, 1). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Performance the way the service has it: rows to raw tables, joined into cells, merged, judged. */
export class PerformanceOfRows {
  private models = 0;

  private constructor(
    private readonly store: Store,
    private readonly dataDir: string,
  ) {}

  static async open(): Promise<PerformanceOfRows> {
    const dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    const store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
    return new PerformanceOfRows(store, dataDir);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Returns the metrics of the rows, which are thrown over the minutes of three hours: each minute is a cell. */
  async estimatesOf(
    rows: readonly LabelledRow[],
    task: Task,
    positiveClass: string | undefined,
    confidence = 0.95,
  ): Promise<Estimates> {
    const model = `m-${this.models++}`;
    const random = generator(this.models);
    const at = rows.map(() => START_MS + Math.floor(random() * HOURS * 60) * 60_000);
    const predictions = rows.map((row, index) => ({
      project: 'p',
      model,
      version: '1',
      timestamp: new Date(at[index]!).toISOString().replace('T', ' ').replace('Z', ''),
      prediction_id: `id-${index}`,
      label: row.label ?? '',
      score: row.score ?? 'nan',
      scores: row.scores ?? {},
      value: row.value ?? 'nan',
    }));
    await this.store.insert('prediction', predictions, model);
    const labels = rows.map(({ truth }, index) => {
      const what = typeof truth === 'number' ? { value: truth } : { label: truth };
      const common = { project: 'p', model, predictionId: `id-${index}` };
      return { ...common, ...what, timestampMs: at[index]! + 1000, receivedAtMs: at[index]! };
    });
    await insertLabels(this.store, labels, model);
    const hours = Array.from({ length: HOURS }, (_, hour) => START_MS + hour * HOUR_MS);
    await rebuildPerformanceCells(this.store, 'p', model, hours, positiveClass ?? '', START_MS);
    const scope = { project: 'p', model, version: '1', segment: '' };
    const range = { fromMs: START_MS, toMs: START_MS + HOURS * HOUR_MS };
    const merged = await mergePerformanceCells(this.store, { ...scope, ...range });
    return performanceEstimates({ ...merged, predicted: rows.length }, task, positiveClass, confidence);
  }
}
