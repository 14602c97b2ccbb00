import type { AlertReport, AlertView, Notification } from '@plumbline/contracts';

const DAY_MS = 86_400_000;

/** Returns a message that shows what one about an alert looks like; its cause says that it is a test. */
export function sampleNotification(project: string, receiver: string, id: string, nowMs: number): Notification {
  const windowEndMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const reason = 'This is a test: the feature income would have drifted. Nobody needs to do anything.';
  const alert: AlertView = {
    alertId: `test-${id}`,
    labels: {
      project,
      model: 'sample-model',
      version: '1',
      monitor: 'feature-drift',
      segment: '',
      feature: 'income',
      method: 'psi.decile',
      severity: 'warning',
      subject: 'drift',
    },
    status: 'firing',
    severity: 'warning',
    value: 0.19,
    threshold: 0.1,
    pValue: 0.0004,
    nCurrent: 5_000,
    reason,
    firedAtMs: windowEndMs,
    resolvedAtMs: undefined,
    acknowledged: undefined,
    transitionId: `test-${id}`,
  };
  const report: AlertReport = {
    project,
    model: alert.labels.model,
    version: alert.labels.version,
    windowStartMs: windowEndMs - DAY_MS,
    windowEndMs,
    headline: 'A test message: income has drifted',
    findings: [
      {
        alertId: alert.alertId,
        monitor: alert.labels.monitor,
        segment: '',
        feature: alert.labels.feature,
        method: alert.labels.method,
        severity: alert.severity,
        value: alert.value,
        threshold: alert.threshold,
        pValue: alert.pValue,
        nCurrent: alert.nCurrent,
        nReference: 20_000,
        direction: 'up',
        change: 'mean 41.2 → 52.7',
        share: 0.8,
        reason,
        distribution: {
          labels: ['< 20', '20 – 40', '40 – 60', '≥ 60'],
          reference: [0.25, 0.25, 0.25, 0.25],
          current: [0.1, 0.2, 0.3, 0.4],
        },
      },
    ],
    moreFindings: 0,
    predictions: alert.nCurrent,
    labelCoverage: 0.4,
    recentChanges: [],
  };
  return {
    id,
    incidentId: id,
    sequence: 0,
    project,
    receiver,
    groupLabels: { model: alert.labels.model },
    cause: 'test',
    status: 'firing',
    severity: 'warning',
    acknowledgedBy: undefined,
    alerts: [alert],
    moreAlerts: 0,
    report,
    remarks: ['This is a test.'],
    links: { alert: undefined, acknowledge: undefined, silence: undefined, dashboard: undefined, runbook: undefined },
    createdAtMs: nowMs,
  };
}
