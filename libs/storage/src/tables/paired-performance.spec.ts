import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertLabels } from './label.js';
import { type PairedSums, readPairedPerformance } from './paired-performance.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);

interface Row {
  readonly version: string;
  readonly traceId: string;
  readonly label?: string;
  readonly score?: number;
  readonly value?: number;
  readonly error?: string;
  /** Label of this prediction: of the other version's the truth is the same. */
  readonly truth?: string | number;
  readonly atMs?: number;
}

describe('readPairedPerformance', () => {
  let dataDir: string;
  let store: Store;
  let models = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const paired = async (rows: readonly Row[]) => {
    const model = `m-${models++}`;
    const at = ({ atMs = 1 }: Row): number => START_MS + atMs;
    const predictions = rows.map((row, index) => ({
      project: 'p',
      model,
      version: row.version,
      timestamp: new Date(at(row)).toISOString().replace('T', ' ').replace('Z', ''),
      prediction_id: `id-${index}`,
      label: row.label ?? '',
      score: row.score ?? 'nan',
      value: row.value ?? 'nan',
      error: row.error ?? '',
      trace_id: row.traceId,
    }));
    await store.insert('prediction', predictions, model);
    const labels = rows.flatMap((row, index) => {
      const { truth } = row;
      if (truth === undefined) return [];
      const what = typeof truth === 'number' ? { value: truth } : { label: truth };
      const key = { project: 'p', model, predictionId: `id-${index}` };
      return [{ ...key, ...what, timestampMs: at(row) + 1, receivedAtMs: at(row) }];
    });
    await insertLabels(store, labels, model);
    const versions = { project: 'p', model, oldVersion: '1', newVersion: '2', positiveClass: '1' };
    return readPairedPerformance(store, { ...versions, fromMs: START_MS, toMs: START_MS + DAY_MS });
  };
  const NOTHING: PairedSums = { n: 0, oldSum: 0, newSum: 0, differenceSum: 0, differenceSquares: 0 };

  it('counts right and wrong answers to the same requests, with a label of either', async () => {
    const found = await paired([
      { version: '1', traceId: 'both right', label: '1', truth: '1' },
      { version: '2', traceId: 'both right', label: '1' },
      { version: '1', traceId: 'lost', label: '0' },
      { version: '2', traceId: 'lost', label: '1', truth: '0' },
      { version: '1', traceId: 'gained', label: '1', truth: '0' },
      { version: '2', traceId: 'gained', label: '0', truth: '0' },
      { version: '1', traceId: 'gained too', label: 'a', truth: 'ä' },
      { version: '2', traceId: 'gained too', label: 'ä' },
      { version: '1', traceId: 'no label', label: '1' },
      { version: '2', traceId: 'no label', label: '1' },
      { version: '1', traceId: 'old alone', label: '1', truth: '1' },
      { version: '2', traceId: 'new alone', label: '1', truth: '1' },
      { version: '2', traceId: '', label: '1', truth: '1' },
      { version: '1', traceId: '', label: '1', truth: '1' },
      { version: '3', traceId: 'lost', label: '1', truth: '0' },
    ]);
    expect(found.accuracy).toEqual({ n: 4, oldSum: 2, newSum: 3, differenceSum: 1, differenceSquares: 3 });
    expect(found.mae).toEqual(NOTHING);
    expect(found.brier).toEqual(NOTHING);
  });

  it('leaves out calls that failed, and takes the first answer of several', async () => {
    const found = await paired([
      { version: '1', traceId: 'a', label: '1', truth: '1', atMs: 1 },
      { version: '2', traceId: 'a', error: 'time-out', atMs: 1 },
      { version: '1', traceId: 'b', label: '1', truth: '1', atMs: 1 },
      { version: '2', traceId: 'b', label: '1', atMs: 1 },
      { version: '2', traceId: 'b', label: '0', atMs: 2 },
    ]);
    expect(found.accuracy).toEqual({ n: 1, oldSum: 1, newSum: 1, differenceSum: 0, differenceSquares: 0 });
  });

  it('compares scores by their squared error', async () => {
    const { brier } = await paired([
      { version: '1', traceId: 'a', label: '1', score: 0.5, truth: '1' },
      { version: '2', traceId: 'a', label: '1', score: 1 },
      { version: '1', traceId: 'b', label: '0', score: 0 },
      { version: '2', traceId: 'b', label: '1', score: 1, truth: '0' },
      { version: '1', traceId: 'c', label: '0', truth: '0' },
      { version: '2', traceId: 'c', label: '0', score: 0 },
    ]);
    expect(brier).toEqual({ n: 2, oldSum: 0.25, newSum: 1, differenceSum: 0.75, differenceSquares: 0.0625 + 1 });
  });

  it('compares numbers by their absolute error', async () => {
    const found = await paired([
      { version: '1', traceId: 'a', value: 10, truth: 12 },
      { version: '2', traceId: 'a', value: 11 },
      { version: '1', traceId: 'b', value: 0 },
      { version: '2', traceId: 'b', value: -5, truth: -2 },
      { version: '1', traceId: 'c', truth: 1 },
      { version: '2', traceId: 'c', value: 1 },
    ]);
    expect(found.mae).toEqual({ n: 2, oldSum: 4, newSum: 4, differenceSum: 0, differenceSquares: 2 });
    expect(found.accuracy).toEqual(NOTHING);
  });

  it('is all zero without data', async () => {
    expect(await paired([{ version: '1', traceId: 'a', label: '1', truth: '1' }])).toEqual({
      accuracy: NOTHING,
      brier: NOTHING,
      mae: NOTHING,
    });
  });
});
