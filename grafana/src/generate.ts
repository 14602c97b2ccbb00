import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alertRules, type PrometheusRules } from './alert-rules.js';
import { dashboards } from './dashboards.js';
import { writeAlertRules } from './write-alert-rules.js';

/** Writes the dashboards and alert rules that Grafana is provisioned with: npm run dashboards:generate. */
const root = join(import.meta.dirname, '..');
mkdirSync(join(root, 'dashboards'), { recursive: true });
for (const [name, dashboard] of dashboards()) {
  writeFileSync(join(root, 'dashboards', name), `${JSON.stringify(dashboard, null, 2)}\n`);
}
const rules = parse(readFileSync(join(root, '../deploy/prometheus-rules.yml'), 'utf8')) as PrometheusRules;
mkdirSync(join(root, 'provisioning/alerting'), { recursive: true });
writeFileSync(join(root, 'provisioning/alerting/plumbline.yml'), writeAlertRules(alertRules(rules)));
