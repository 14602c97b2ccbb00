import type { AlertReply, Severity } from '@plumbline/contracts';

/** Whether an alert was open in some window that ended in (from, to]. */
export function isOpenInRange(alert: AlertReply, fromMs: number, toMs: number): boolean {
  if (Date.parse(alert.fired_at) > toMs) return false;
  return alert.resolved_at === null || Date.parse(alert.resolved_at) > fromMs;
}

/** Whether a severity is the given one or worse. */
export function isAtLeast(severity: Severity, least: 'warning' | 'critical'): boolean {
  return severity === 'critical' || (least === 'warning' && severity === 'warning');
}
