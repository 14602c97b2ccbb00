import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { listDirtyHours, markHoursClean } from '../tables/dirty-hour.js';
import { insertLabels } from '../tables/label.js';
import { rebuildPerformanceCells } from '../tables/performance-cell.js';
import { mergePerformanceCells } from '../tables/window-data.js';
import { migrations } from './migrations.js';

// @embedded-only: a store of an older version is made statement by statement.

const NOW_MS = Date.UTC(2026, 0, 1);
const LATER_MS = Date.UTC(2100, 0, 1);

describe('a store with performance cells of 256 score bins', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await store.createDatabase();
    for (const { id, statements } of migrations.filter((migration) => migration.id < 13)) {
      for (const sql of statements) await store.command({ name: `migration ${id}`, sql, params: z.object({}) }, {});
    }
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('has their hours counted anew by the next reconcile, whatever was said of them before', async () => {
    const scope = { project: 'p', model: 'm', version: '1', segment: '' };
    const at = '2026-01-01 00:00:07';
    await store.insert(
      'prediction',
      [{ ...scope, segment: undefined, timestamp: at, prediction_id: 'a', label: '1', score: 0.75 }],
      'a',
    );
    await insertLabels(
      store,
      [{ project: 'p', model: 'm', predictionId: 'a', label: '1', timestampMs: NOW_MS + 7_000, receivedAtMs: NOW_MS }],
      'a',
    );
    const cell = {
      ...scope,
      minute: '2026-01-01 00:00:00',
      labelled: 1,
      confusion: { '1:11': 1 },
      scored: 1,
      positives: { 192: 1 },
    };
    await store.insert('performance_cell', [{ ...cell, negatives: {}, revision: NOW_MS }], 'old');
    // A clock that ran ahead has called the hour clean.
    const mark = { project: 'p', model: 'm', aspect: 'label', hourMs: NOW_MS, touchedAtMs: LATER_MS } as const;
    await markHoursClean(store, [mark], 'clean');

    await migrate(store, NOW_MS);
    expect(await listDirtyHours(store, 'p', 'm')).toMatchObject([{ aspect: 'label', hourMs: NOW_MS }]);
    const window = { ...scope, fromMs: NOW_MS, toMs: NOW_MS + 3_600_000 };
    // Until then the metrics that need no score are known.
    expect(await mergePerformanceCells(store, window)).toMatchObject({ labelled: 1, scores: [], probable: 0 });
    await rebuildPerformanceCells(store, 'p', 'm', [NOW_MS], '1', NOW_MS);
    expect(await mergePerformanceCells(store, window)).toMatchObject({
      labelled: 1,
      probable: 1,
      scores: [{ name: '1', exact: true, positives: [1], negatives: [0] }],
    });
  });
});
