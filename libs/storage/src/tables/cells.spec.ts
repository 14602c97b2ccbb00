import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FeatureCell, VOUCHING_SERIES } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { checkCellHours, insertCells } from './cells.js';

const HOUR_MS = Date.UTC(2026, 0, 1);

describe('insertCells', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-cells-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, HOUR_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('writes a minute with more cells than a call takes arguments', async () => {
    const cell = (minuteMs: number, series: string): FeatureCell => ({
      ...{ project: 'p', model: 'm', version: '1', segment: '', series, binSetId: '', minuteMs, n: 1, missing: 0 },
      ...{ invalid: 0, sum: 0, sumSquares: 0, min: 0, max: 0, binIndexes: [], binCounts: [] },
      ...(series === VOUCHING_SERIES && { idHashSum: 7 }),
    });
    const wide = Array.from({ length: 200_000 }, (_each, i) => cell(HOUR_MS + 60_000, `s${i}`));
    const cells = [cell(HOUR_MS, VOUCHING_SERIES), cell(HOUR_MS + 60_000, VOUCHING_SERIES), ...wide];
    await insertCells(store, cells, [], 'wide');
    const { features } = await checkCellHours(store, 'p', 'm', [HOUR_MS]);
    expect(features.get(HOUR_MS)).toEqual({ n: 2, idHashSum: 14 });
  });
});
