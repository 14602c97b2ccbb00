import { stringify } from 'yaml';
import type { ProvisionedGroup } from './alert-rules.js';

/**
 * The file that Grafana is provisioned with. Grafana fills in variables of its environment wherever a file has a `$`, so those of
 * templates are doubled, and the address of the runbook is one: its sections are called as the alerts.
 */
export function writeAlertRules(groups: readonly ProvisionedGroup[]): string {
  const escaped = JSON.parse(JSON.stringify(groups).replaceAll('$', '$$$$')) as ProvisionedGroup[];
  const linked = escaped.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({
      ...rule,
      annotations: { ...rule.annotations, runbook_url: `$PLUMBLINE_RUNBOOK_URL#${rule.title.toLowerCase()}` },
    })),
  }));
  const head = '# Made of grafana/src and deploy/prometheus-rules.yml by npm run dashboards:generate; do not edit.\n';
  return head + stringify({ apiVersion: 1, groups: linked }, { lineWidth: 0, aliasDuplicateObjects: false });
}
