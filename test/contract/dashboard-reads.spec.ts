import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, type SelectOnlyEngine, Store } from '@plumbline/storage';
import { z } from 'zod';
import { dashboardQueries } from '../../grafana/src/dashboard-queries.js';
import { readBudget } from '../../grafana/src/read-budgets.js';
import { askAsGrafana, type GrafanaReply, openAsGrafana } from '../support/ask-as-grafana.js';
import { fillFleetStore, fleetFeature, fleetModel, FLEET_PROJECT } from '../support/fleet-store.js';

const DAY_MS = 86_400_000;
/** The engine reads whole granules, at either end of what it looks for. */
const ROWS_AT_ENDS = 2 * 8_192;
/** What the budgets are for, and what is here. */
const MODELS_AT_SIZE = 1_000;
const [MODELS, FEATURES, DAYS] = [4, 100, 10];

/** Raw rows, and cells of minutes for each feature: a panel over them costs more the more a model is used. */
const NEVER_READ = /\b(?:FROM|JOIN)\s+(?:prediction|label|feature_cell|measurement_revision|dead_letter)\b/i;

/**
 * The budgets of read-budgets.ts, held on a store of a few models with as many features as an installation of that size. What is read
 * is in proportion to the time shown, and either to the number of models or not at all; npm run bench:dashboards shows the size itself.
 * @embedded-only: a server reads by the same keys.
 */
describe('what the dashboards read', () => {
  let dataDir: string;
  let store: Store;
  let engine: SelectOnlyEngine;
  const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-reads-'));
    store = await Store.open({ dataDir, database: 'plumbline', readers: true });
    await migrate(store, endMs);
    await fillFleetStore(store, { models: MODELS, features: FEATURES, days: DAYS, endMs, hourlyModels: 1 });
    // After all merges, so that the same granules are read each time.
    for (const table of ['measurement', 'traffic_cell', 'feature_cell_hour', 'transition']) {
      await store.command({ name: 'merge', sql: `OPTIMIZE TABLE ${table} FINAL`, params: z.object({}) }, {});
    }
    engine = await openAsGrafana(store);
  }, 300_000);
  afterAll(async () => {
    await engine?.close();
    await store?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const ask = async (rawSql: string, rangeMs: number, model: string): Promise<GrafanaReply> =>
    askAsGrafana(engine, rawSql, {
      fromMs: endMs - rangeMs,
      toMs: endMs,
      intervalSeconds: 3_600,
      variables: {
        project: FLEET_PROJECT,
        model,
        segment: '',
        method: 'psi.decile',
        metric: 'accuracy',
        feature: fleetFeature(0),
        version: '1',
      },
    });

  it.each(dashboardQueries())('$name', async (query) => {
    const { rawSql, rangeMs } = query;
    expect(rawSql).not.toMatch(NEVER_READ);
    const budget = readBudget(query);
    const ofOneModel = rawSql.includes('${model');
    if (ofOneModel) expect(rawSql).toContain('$__timeFilter(');
    const ends = ROWS_AT_ENDS * (ofOneModel ? 1 : MODELS);
    const expectWithin = ({ rowsRead, bytesRead }: GrafanaReply, share: number): void => {
      expect(rowsRead).toBeLessThanOrEqual(budget.rows * share + ends);
      const bytesPerRow = bytesRead / Math.max(1, rowsRead);
      expect(bytesRead).toBeLessThanOrEqual(budget.megabytes * 1e6 * share + ends * bytesPerRow);
    };
    const shareOfModels = ofOneModel ? 1 : MODELS / MODELS_AT_SIZE;
    const reply = await ask(rawSql, rangeMs, fleetModel(0));
    expectWithin(reply, shareOfModels * Math.min(1, (DAYS * DAY_MS) / (rangeMs || 1)));
    // A tenth of the time costs a tenth, so that what came before costs nothing.
    if (rawSql.includes('$__timeFilter'))
      expectWithin(await ask(rawSql, rangeMs / 10, fleetModel(0)), shareOfModels / 10);
    if (!ofOneModel) return;
    // Of a model that is not there nothing is read but where it would be: what others send costs a panel nothing.
    const absent = await ask(rawSql, rangeMs, 'model-absent');
    expect(absent.rowsRead).toBeLessThanOrEqual(ROWS_AT_ENDS);
  });
});
