import type { AlertLabels } from '@plumbline/contracts';
import { stableId, type ToldAlert, type TrackedAlert } from '@plumbline/monitoring';
import type { FailingReceiver } from '@plumbline/storage';

/** After so long without a success the other receivers are told. */
export const FAILING_AFTER_MS = 15 * 60_000;
const MONITOR = 'receivers';

/**
 * Returns the receivers of a project that have failed for long, as alerts of the project, and those that were told of as such and work
 * again. Their only history is the log of deliveries: an episode is named after its first failure.
 * @param told what the last messages of the project say
 */
export function failingReceiverAlerts(
  project: string,
  failing: readonly FailingReceiver[],
  told: readonly { readonly groupLabels: Readonly<Partial<AlertLabels>>; readonly told: readonly ToldAlert[] }[],
  nowMs: number,
): TrackedAlert[] {
  const alerts = new Map<string, TrackedAlert>();
  for (const { receiver, sinceMs, failures, lastStatus, lastDetail } of failing) {
    if (failures < 2 || nowMs - sinceMs < FAILING_AFTER_MS) continue;
    const alertId = stableId('failing receiver', project, receiver, sinceMs);
    const answer = lastStatus === 0 ? lastDetail : `status ${lastStatus} ${lastDetail}`;
    const reason = `Receiver ${receiver} has taken nothing since ${new Date(sinceMs).toISOString()}, in ${failures} attempts: ${answer.trim()}.`;
    alerts.set(alertId, receiverAlert(project, receiver, alertId, reason, sinceMs, undefined));
  }
  for (const { groupLabels, told: says } of told) {
    if (groupLabels.monitor !== MONITOR || groupLabels.feature === undefined) continue;
    for (const { alertId, status } of says) {
      if (status !== 'firing' || alerts.has(alertId)) continue;
      const reason = `Receiver ${groupLabels.feature} takes messages again.`;
      alerts.set(alertId, receiverAlert(project, groupLabels.feature, alertId, reason, nowMs, nowMs));
    }
  }
  return [...alerts.values()];
}

function receiverAlert(
  project: string,
  receiver: string,
  alertId: string,
  reason: string,
  firedAtMs: number,
  resolvedAtMs: number | undefined,
): TrackedAlert {
  const fired = { transitionId: stableId(alertId, 'fired'), decidedAtMs: firedAtMs };
  const over = { transitionId: stableId(alertId, 'resolved'), decidedAtMs: resolvedAtMs ?? 0 };
  const transitions = resolvedAtMs === undefined ? [fired] : [fired, over];
  return {
    transitions,
    view: {
      alertId,
      labels: {
        project,
        model: '',
        version: '',
        monitor: MONITOR,
        segment: '',
        feature: receiver,
        method: 'delivery',
        severity: 'critical',
        subject: 'service',
      },
      status: resolvedAtMs === undefined ? 'firing' : 'resolved',
      severity: 'critical',
      value: NaN,
      threshold: NaN,
      pValue: NaN,
      nCurrent: 0,
      reason,
      firedAtMs,
      resolvedAtMs,
      acknowledged: undefined,
      transitionId: transitions.at(-1)!.transitionId,
    },
  };
}
