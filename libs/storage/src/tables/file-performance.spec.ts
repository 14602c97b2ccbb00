import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { measureFilePerformance } from './file-performance.js';
import { withSourceFile } from './source-file.js';

describe('performance of a file', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.UTC(2026, 0, 1));
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const measure = async (
    format: 'csv' | 'ndjson',
    content: string,
    columns: { prediction: string; score: string; label: string },
    positiveClass = '1',
  ) => {
    const path = join(dataDir, `file.${format}`);
    await writeFile(path, content);
    return withSourceFile(store, path, format, (file) => measureFilePerformance(store, file, columns, positiveClass));
  };

  const BINARY = { labelled: 3, scored: 3, probable: 3, valued: 3, sumSquaredError: 1 };
  it.each([
    ['prediction', 'score', 'label'],
    ['class', 'scores', 'truth'],
    ['value', 'read_score', 'truth_value'],
    ['truth', 'lag_ms', 'class'],
    ['scored', 'positives', 'confusion'],
    ['it is "quoted"', 'β', 'a b'],
  ])('reads columns that are called %s, %s and %s', async (prediction, score, label) => {
    const rows = [
      [1, 0.75, 1],
      [0, 0.25, 1],
      [0, 0.25, 0],
    ];
    const lines = rows.map(([p, s, y]) => JSON.stringify({ [prediction]: p, [score]: s, [label]: y }));
    const sums = await measure('ndjson', `${lines.join('\n')}\n`, { prediction, score, label });
    expect(sums).toMatchObject(BINARY);
    expect(sums.scores).toEqual([{ name: '1', exact: true, positives: [1, 1], negatives: [1, 0] }]);
    expect(sums.lagBins).toEqual([{ index: -2_000_000_000, count: 3 }]);
  });

  it('leaves out rows without a label, and takes a score that is no number for none', async () => {
    const sums = await measure('csv', 'p,s,y\n1,0.5,1\n1,inf,0\n0,,0\n1,0.9,\n', {
      prediction: 'p',
      score: 's',
      label: 'y',
    });
    expect(sums).toMatchObject({ labelled: 3, scored: 1, probable: 1 });
  });

  it('measures a regression, whose file has no score', async () => {
    const sums = await measure('csv', 'p,y\n1.5,1\n4,2\n', { prediction: 'p', score: '', label: 'y' }, '');
    expect(sums).toMatchObject({ labelled: 2, scored: 0, scores: [], valued: 2, truthMean: 1.5, truthSquares: 0.5 });
  });

  it('takes true and false for 1 and 0', async () => {
    const lines = ['{"p":true,"y":true}', '{"p":false,"y":true}'];
    const sums = await measure('ndjson', `${lines.join('\n')}\n`, { prediction: 'p', score: '', label: 'y' });
    expect(sums.confusion).toHaveLength(2);
    expect(sums.confusion).toContainEqual({ predicted: '0', label: '1', n: 1 });
  });
});
