import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertLabels } from './label.js';
import { rebuildPerformanceCells } from './performance-cell.js';
import { verifyCells } from './verify-cells.js';
import { countLabelled, mergePerformanceCells } from './window-data.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 1);

interface Row {
  readonly minute?: number;
  readonly label?: string;
  readonly value?: number;
  readonly score?: number;
  readonly scores?: Readonly<Record<string, number>>;
  readonly truth?: string | number;
  readonly lagMs?: number;
}

describe('performance sums', () => {
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

  const sumsOf = async (rows: readonly Row[], positiveClass = '') => {
    const model = `m-${models++}`;
    const at = ({ minute = 0 }: Row): number => START_MS + minute * 60_000;
    const predictions = rows.map((row, index) => ({
      project: 'p',
      model,
      version: '1',
      timestamp: new Date(at(row)).toISOString().replace('T', ' ').replace('Z', ''),
      prediction_id: `id-${index}`,
      label: row.label ?? '',
      score: row.score ?? 'nan',
      scores: row.scores ?? {},
      value: row.value ?? 'nan',
    }));
    await store.insert('prediction', predictions, model);
    const labels = rows.flatMap((row, index) => {
      const { truth, lagMs = 0 } = row;
      if (truth === undefined) return [];
      const what = typeof truth === 'number' ? { value: truth } : { label: truth };
      const timestampMs = at(row) + lagMs;
      return [{ project: 'p', model, predictionId: `id-${index}`, ...what, timestampMs, receivedAtMs: timestampMs }];
    });
    await insertLabels(store, labels, model);
    const hours = [...new Set(rows.map((row) => Math.floor(at(row) / HOUR_MS) * HOUR_MS))];
    await rebuildPerformanceCells(store, 'p', model, hours, positiveClass, START_MS);
    const range = { project: 'p', model, fromMs: START_MS, toMs: START_MS + 48 * HOUR_MS };
    // The second computation, in other words, agrees with the first.
    const { mismatches } = await verifyCells(store, { ...range, positiveClass });
    expect(mismatches.filter(({ table }) => table === 'performance_cell')).toEqual([]);
    const window = { ...range, version: '1', segment: '' };
    const merged = await mergePerformanceCells(store, window);
    expect(await countLabelled(store, window)).toBe(merged.labelled);
    return merged;
  };

  it('sums a binary model over minutes and hours', async () => {
    const sums = await sumsOf(
      [
        { minute: 0, label: '1', score: 0.75, truth: '1', lagMs: 60_000 },
        { minute: 1, label: '0', score: 0.25, truth: '1', lagMs: 60_000 },
        { minute: 61, label: '0', score: 0.25, truth: '0', lagMs: -5 },
        { minute: 61, label: '1', score: 0.5, truth: '0' },
        { minute: 62, label: '1', score: 0.5 },
      ],
      '1',
    );
    expect(sums).toMatchObject({ labelled: 4, scored: 4, probable: 4, valued: 0 });
    expect(sums.scores).toEqual([{ name: '1', exact: true, positives: [1, 0, 1], negatives: [1, 1, 0] }]);
  });

  it('counts a score that is no probability in ranks alone', async () => {
    const sums = await sumsOf(
      [
        { score: -3, truth: '0' },
        { score: 10, truth: '1' },
        { score: 2, truth: '0' },
        { score: 2, truth: '1' },
        { score: 1, truth: '1' },
        { score: 0.25, truth: '1' },
      ],
      '1',
    );
    expect(sums).toMatchObject({ labelled: 6, scored: 6, probable: 2, sumBrier: 0.5625 });
    expect(sums.scores[0]).toMatchObject({ positives: [0, 1, 1, 1, 1], negatives: [1, 0, 0, 1, 0] });
  });

  it('keeps scores near 1 apart as well as near 0', async () => {
    const near = [1e-300, 2e-300, 1e-9, 0.5, 1 - 2 ** -52, 1 - 2 ** -53, 1];
    const sums = await sumsOf([...near.map((score) => ({ score, truth: '1' })), { score: 0, truth: '0' }], '1');
    expect(sums.scores[0]).toMatchObject({
      exact: true,
      positives: [0, 1, 1, 1, 1, 1, 1, 1],
      negatives: [1, 0, 0, 0, 0, 0, 0, 0],
    });
  });

  it('takes 0 and −0 for one score', async () => {
    const sums = await sumsOf(
      [
        { score: 0, truth: '1' },
        { score: -0, truth: '0' },
      ],
      '1',
    );
    expect(sums.scores[0]).toMatchObject({ positives: [1], negatives: [1] });
  });

  it('has no scores without a positive class or scores per class', async () => {
    const sums = await sumsOf([{ label: 'a', score: 0.5, truth: 'a' }]);
    expect(sums).toMatchObject({ labelled: 1, scored: 0, probable: 0, scores: [] });
  });

  it('takes a class that the scores do not list for one with probability 0', async () => {
    const sums = await sumsOf([
      { scores: { a: 0.5, b: 0.5 }, truth: 'c' },
      { scores: { a: 0.25, b: 0.75 }, truth: 'b' },
    ]);
    expect(sums).toMatchObject({ scored: 2, probable: 2 });
    expect(sums.sumBrier).toBeCloseTo(0.5 + 1 + 0.125, 12);
    expect(sums.sumLogLoss).toBeCloseTo(52 * Math.LN2 - Math.log(0.75), 9);
    expect(sums.scores).toEqual([
      { name: 'a', exact: true, positives: [0, 0], negatives: [1, 1] },
      { name: 'b', exact: true, positives: [0, 1], negatives: [1, 0] },
      { name: 'c', exact: true, positives: [1], negatives: [0] },
    ]);
  });

  it('does not rank more than 50 classes, and sums their losses', async () => {
    const scores = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`class ${i}`, i === 0 ? 0.41 : 0.01]));
    const sums = await sumsOf([{ scores, truth: 'class 0' }]);
    expect(sums).toMatchObject({ scored: 1, probable: 1, scores: [] });
    expect(sums.sumLogLoss).toBeCloseTo(-Math.log(0.41), 12);
  });

  it('joins the scores of a busy minute, and says so', async () => {
    const rows = Array.from({ length: 6_000 }, (_, i) => ({
      score: (i + 0.5) / 6_000,
      truth: i % 3 === 0 ? '1' : '0',
    }));
    const [one] = (await sumsOf(rows, '1')).scores;
    expect(one!.exact).toBe(false);
    expect(one!.positives.length).toBeLessThanOrEqual(4_096);
    expect(one!.positives.reduce((sum, n) => sum + n, 0)).toBe(2_000);
  }, 60_000);

  it('moves the sums about the means of minutes to the mean of all', async () => {
    const truths = [5, 6, 7, 100, 101, 1e6];
    const rows = truths.map((truth, i) => ({ minute: Math.floor(i / 2) * 40, value: truth + (i - 2), truth }));
    const sums = await sumsOf(rows);
    const mean = truths.reduce((sum, y) => sum + y, 0) / truths.length;
    const total = (of: (y: number, i: number) => number): number => truths.reduce((sum, y, i) => sum + of(y, i), 0);
    const close = (actual: number, expected: number): void =>
      expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-12);
    close(sums.truthMean, mean);
    close(
      sums.truthSquares,
      total((y) => (y - mean) ** 2),
    );
    close(
      sums.truthQuartics,
      total((y) => (y - mean) ** 4),
    );
    close(
      sums.squaredErrorByTruth,
      total((y, i) => (i - 2) ** 2 * (y - mean) ** 2),
    );
    expect(sums).toMatchObject({ valued: 6, scored: 0, sumError: 3, sumAbsoluteError: 9, sumSquaredError: 19 });
  });

  it('is all zero without labels', async () => {
    expect(await sumsOf([{ label: '1', score: 0.5 }], '1')).toMatchObject({
      labelled: 0,
      scored: 0,
      scores: [],
      confusion: [],
      lagBins: [],
      truthMean: 0,
    });
  });
});
