import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertLabels } from './label.js';
import { rebuildPerformanceCells } from './performance-cell.js';
import { mergePerformanceCells } from './window-data.js';

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
    const window = { project: 'p', model, version: '1', segment: '', fromMs: START_MS, toMs: START_MS + 48 * HOUR_MS };
    return mergePerformanceCells(store, window);
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
});
