import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertCells } from '../tables/cells.js';
import { verifyCells } from '../tables/verify-cells.js';
import { mergeTrafficCells } from '../tables/window-data.js';
import { migrations } from './migrations.js';

// @embedded-only: a store of an older version is made statement by statement.

const MINUTE_MS = Date.UTC(2026, 0, 1);
const scope = { project: 'p', model: 'm', version: '1', segment: '' };
const window = { ...scope, fromMs: MINUTE_MS, toMs: MINUTE_MS + 60_000 };

describe('a store without weights of samples', () => {
  let dataDir: string;
  let store: Store;

  const run = (sql: string) => store.command({ name: 'test', sql, params: z.object({}) }, {});

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await store.createDatabase();
    for (const { statements } of migrations.filter((migration) => migration.id < 16)) {
      for (const sql of statements) await run(sql);
    }
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('takes what it has for all that was sent, also when its parts are merged with new ones', async () => {
    const at = '2026-01-01 00:00:07';
    const row = (id: string, idHash: number) => ({
      ...{ project: 'p', model: 'm', version: '1', timestamp: at, prediction_id: id, id_hash: idHash },
    });
    const cell = { ...scope, minute: '2026-01-01 00:00:00', n: 2, id_hash_sum: 3 };
    await store.insert('prediction', [row('a', 1), row('b', 2)], 'rows');
    await store.insert('traffic_cell', [cell], 'cells');

    await migrate(store, MINUTE_MS);
    expect(await mergeTrafficCells(store, window)).toMatchObject({ n: 2, weight: 2, weightSquares: 2 });

    await store.insert('prediction', [{ ...row('c', 4), sample_weight: 10 }], 'sampled');
    const sampled = { ...scope, minuteMs: MINUTE_MS, n: 1, idHashSum: 4, errors: 0, weight: 10, weightSquares: 100 };
    await insertCells(store, [], [{ ...sampled, latencyN: 0, latencyBinIndexes: [], latencyBinCounts: [] }], 'weighed');
    // A process of the version before still writes.
    await store.insert('prediction', [row('d', 8)], 'old rows');
    await store.insert('traffic_cell', [{ ...cell, n: 1, id_hash_sum: 8 }], 'old cells');

    for (const when of ['before', 'after'] as const) {
      expect([when, await mergeTrafficCells(store, window)]).toMatchObject([
        when,
        { n: 4, weight: 13, weightSquares: 103 },
      ]);
      const { predictions, mismatches } = await verifyCells(store, {
        ...scope,
        fromMs: MINUTE_MS,
        toMs: MINUTE_MS + 60_000,
      });
      expect([when, predictions, mismatches.filter(({ table }) => table === 'traffic_cell')]).toEqual([when, 4, []]);
      if (when === 'before')
        for (const table of ['prediction', 'traffic_cell']) await run(`OPTIMIZE TABLE ${table} FINAL`);
    }
  });
});
