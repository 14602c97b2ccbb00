import type { AlertDetailReply, AlertReply } from '@plumbline/contracts';
import { numberText } from './number-text.js';
import { table } from './table.js';

/** Returns alerts for people, one a line. */
export function alertTable(alerts: readonly AlertReply[]): string {
  return table(
    [
      'id',
      'status',
      'severity',
      'model',
      'version',
      'monitor',
      'segment',
      'feature',
      'method',
      'value',
      'threshold',
      'fired',
      'resolved',
      'acknowledged by',
    ],
    alerts.map((alert) => [
      alert.alert_id,
      alert.status,
      alert.severity,
      alert.model,
      alert.version,
      alert.monitor,
      alert.segment,
      alert.feature,
      alert.method,
      numberText(alert.value),
      numberText(alert.threshold),
      alert.fired_at,
      alert.resolved_at ?? '',
      alert.acknowledged_by ?? '',
    ]),
  );
}

/** Returns an alert for people: what it is about, how it went, and what was done. */
export function alertDetailText({ history, actions, ...alert }: AlertDetailReply): string {
  const facts = Object.entries(alert).filter(([, value]) => value !== null && value !== '');
  const changes = history.map((change) => [
    change.window_end,
    `${change.from} > ${change.to}`,
    change.severity,
    numberText(change.value),
    numberText(change.threshold),
    change.decided_at,
    change.reason,
  ]);
  const done = actions.map(({ at, action, author, note }) => [at, action, author, note]);
  return [
    ...facts.map(([name, value]) => `${name}: ${value}`),
    '',
    table(['window end', 'change', 'severity', 'value', 'threshold', 'decided', 'reason'], changes),
    ...(done.length === 0 ? [] : ['', table(['at', 'action', 'by', 'note'], done)]),
  ].join('\n');
}
