import type { ModelReportScope, ReportedAlert } from '@plumbline/contracts';
import { breachRank } from '@plumbline/monitoring';
import { type Alert, listAlerts, type Store } from '@plumbline/storage';

/** An alert that fired longer before the range, and was resolved in it, is not looked for. */
const LOOKBACK_MS = 30 * 86_400_000;
const MAX_READ = 500;
const MAX_ALERTS = 50;

/** Reads the alerts that fired in the range or still did at its beginning: firing ones first, critical before warning, newest first. */
export async function readReportedAlerts(
  store: Store,
  { project, model, version, segment, fromMs, toMs }: ModelReportScope,
): Promise<{ readonly alerts: readonly ReportedAlert[]; readonly moreAlerts: number }> {
  const recent = await listAlerts(store, { project, model, fromMs: fromMs - LOOKBACK_MS, toMs, limit: MAX_READ });
  const older = await listAlerts(store, {
    project,
    model,
    status: 'firing',
    toMs: fromMs - LOOKBACK_MS,
    limit: MAX_READ,
  });
  const found = [...recent, ...older]
    .filter(({ resolvedAtMs = Infinity }) => resolvedAtMs > fromMs)
    .filter((alert) => version === undefined || alert.version === version)
    .filter((alert) => segment === '' || alert.segment === segment)
    .sort(worstFirst);
  return { alerts: found.slice(0, MAX_ALERTS).map(reported), moreAlerts: Math.max(0, found.length - MAX_ALERTS) };
}

function worstFirst(left: Alert, right: Alert): number {
  const firing = ({ status }: Alert): number => Number(status === 'firing');
  return (
    firing(right) - firing(left) ||
    firing(right) * (breachRank(right.severity) - breachRank(left.severity)) ||
    right.firedAtMs - left.firedAtMs
  );
}

function reported(alert: Alert): ReportedAlert {
  return {
    alertId: alert.alertId,
    monitor: alert.monitor,
    version: alert.version,
    segment: alert.segment,
    feature: alert.feature,
    method: alert.method,
    status: alert.status,
    severity: alert.severity,
    value: alert.value,
    threshold: alert.threshold,
    reason: alert.reason,
    firedAtMs: alert.firedAtMs,
    resolvedAtMs: alert.resolvedAtMs,
    resolvedBy: alert.resolvedBy,
  };
}
