// What the dashboards read at the size of a large installation: rows, bytes and time of each query, beside its budget.
// Each dashboard over the time it shows at first, or over --range. npm run bench:dashboards -- [--models 1000] [--features 100] [--days 30] [--cells 50] [--range 30d]
//   [--data-dir FOLDER, kept and used again]
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate, Store } from '@plumbline/storage';
import { dashboardQueries } from '../../grafana/src/dashboard-queries.js';
import { readBudget } from '../../grafana/src/read-budgets.js';
import { askAsGrafana, openAsGrafana } from '../support/ask-as-grafana.js';
import { fillFleetStore, fleetFeature, fleetModel, FLEET_PROJECT } from '../support/fleet-store.js';

const DAY_MS = 86_400_000;
const RUNS = 3;
const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    features: { type: 'string', default: '100' },
    days: { type: 'string', default: '30' },
    // Models with hourly cells of features: a query reads those of one model, and all of them would take half an hour to make.
    cells: { type: 'string', default: '50' },
    range: { type: 'string' },
    'data-dir': { type: 'string' },
  },
});
const [models, features, days] = [values.models, values.features, values.days].map(Number) as [number, number, number];
const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const dataDir = values['data-dir'] ?? (await mkdtemp(join(tmpdir(), 'plumbline-dashboards-')));
const filled = existsSync(join(dataDir, 'engine'));
const store = await Store.open({ dataDir, database: 'plumbline', readers: true });
try {
  await migrate(store, endMs);
  if (!filled) {
    const started = performance.now();
    await fillFleetStore(store, {
      models,
      features,
      days,
      endMs,
      hourlyModels: 1,
      modelsWithCells: Math.min(models, Number(values.cells)),
      onTable: (table) => console.error(`${((performance.now() - started) / 1_000).toFixed(0)} s: ${table}`),
    });
  }
  const engine = await openAsGrafana(store);
  const rows = (count: number): string =>
    count < 1e6 ? `${(count / 1e3).toFixed(1)} k` : `${(count / 1e6).toFixed(2)} M`;
  console.log(
    '| query | rows read | MB read | budget | ms, median | rows shown |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const { name, rangeMs, rawSql } of dashboardQueries()) {
    const replies = [];
    for (let run = 0; run < RUNS; run++) {
      replies.push(
        await askAsGrafana(engine, rawSql, {
          fromMs: endMs - (values.range === undefined ? rangeMs : parseInt(values.range, 10) * DAY_MS),
          toMs: endMs,
          intervalSeconds: 3_600,
          variables: {
            project: FLEET_PROJECT,
            // Windows of an hour: 24 times the rows of those of a day.
            model: fleetModel(0),
            segment: '',
            method: 'psi.decile',
            metric: 'accuracy',
            feature: fleetFeature(0),
            version: '1',
          },
        }),
      );
    }
    const { rowsRead, bytesRead, rows: shown } = replies[0]!;
    const times = replies.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
    const budget = readBudget({ name });
    const over = rowsRead > budget.rows || bytesRead > budget.megabytes * 1e6;
    console.log(
      `| ${name} | ${rows(rowsRead)} | ${(bytesRead / 1e6).toFixed(2)} | ${rows(budget.rows)}, ${budget.megabytes} MB${over ? ' **over**' : ''} | ${times[RUNS >> 1]!.toFixed(0)} | ${shown.length} |`,
    );
  }
  await engine.close();
} finally {
  await store.close();
  if (values['data-dir'] === undefined) await rm(dataDir, { recursive: true, force: true });
}
