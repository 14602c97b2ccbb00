import { stringify } from 'yaml';
import type { ProvisionedGroup } from './alert-rules.js';

/** The file that Grafana is provisioned with. */
export function writeAlertRules(groups: readonly ProvisionedGroup[]): string {
  const head = '# Made of grafana/src and deploy/prometheus-rules.yml by npm run dashboards:generate; do not edit.\n';
  return head + stringify({ apiVersion: 1, groups }, { lineWidth: 0, aliasDuplicateObjects: false });
}
