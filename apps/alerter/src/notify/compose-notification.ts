import type { AlertReport, AlertView, Notification, NotificationLinks, Severity } from '@plumbline/contracts';
import type { PlannedMessage } from '@plumbline/monitoring';

/** Alerts in one message: channels show far fewer, and a webhook's body stays readable. */
const MAX_ALERTS = 500;

/** What a message says beyond its plan. */
export interface MessageParts {
  readonly project: string;
  readonly report: AlertReport | undefined;
  readonly links: NotificationLinks;
  readonly createdAtMs: number;
}

/** Returns the message that a plan asks for. */
export function composeNotification(
  plan: PlannedMessage,
  { project, report, links, createdAtMs }: MessageParts,
): Notification {
  const firing = plan.alerts.filter(({ status }) => status === 'firing');
  return {
    id: plan.notificationId,
    incidentId: plan.incidentId,
    sequence: plan.sequence,
    project,
    receiver: plan.receiver,
    groupLabels: plan.groupLabels,
    cause: plan.cause,
    status: plan.status,
    severity: severityOf(firing),
    acknowledgedBy: acknowledgedBy(firing),
    alerts: plan.alerts.slice(0, MAX_ALERTS),
    moreAlerts: Math.max(0, plan.alerts.length - MAX_ALERTS),
    report,
    remarks: plan.remarks,
    links,
    createdAtMs,
  };
}

/** The first is the worst. */
function severityOf([worst]: readonly AlertView[]): Severity {
  return worst?.severity ?? 'ok';
}

/** Who acknowledged what fires, if somebody did so for all of it. */
function acknowledgedBy(firing: readonly AlertView[]): string | undefined {
  if (firing.length === 0 || firing.some(({ acknowledged }) => acknowledged === undefined)) return undefined;
  return [...new Set(firing.map(({ acknowledged }) => acknowledged!.by))].join(', ');
}
