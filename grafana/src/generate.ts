import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from './dashboards.js';

/** Writes the dashboards that Grafana is provisioned with: npm run dashboards:generate. */
const folder = join(import.meta.dirname, '..', 'dashboards');
mkdirSync(folder, { recursive: true });
for (const [name, dashboard] of dashboards()) {
  writeFileSync(join(folder, name), `${JSON.stringify(dashboard, null, 2)}\n`);
}
