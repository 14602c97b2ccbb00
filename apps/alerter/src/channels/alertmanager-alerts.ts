import type { AlertView, Notification, Severity } from '@plumbline/contracts';
import { webAddress } from '@plumbline/report';

/** An alert as `POST /api/v2/alerts` of Alertmanager takes it. */
export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/**
 * Alertmanager takes an alert for resolved when its end is past, and one without an end five minutes after it was last sent. Ours are
 * sent when they change and at repeat intervals, so they get an end that no interval outlasts.
 */
const FIRES_FOR_MS = 30 * 86_400_000;
const TEST_FIRES_FOR_MS = 5 * 60_000;

const SEVERITIES: readonly Severity[] = ['critical', 'warning'];

/** Returns a notification as alerts of Alertmanager, one for each of its alerts; of a test without alerts one that ends by itself. */
export function alertmanagerAlerts(notification: Notification): AlertmanagerAlert[] {
  const { alerts, cause, sequence } = notification;
  if (cause === 'test' && alerts.length === 0) return [testAlert(notification)];
  const current = alerts.map((alert) => alertmanagerAlert(alert, alert.severity, notification));
  if (sequence === 0) return current;
  // The severity is a label, so an alert that became critical is another one to Alertmanager, and the warning must end.
  const former = alerts.flatMap((alert) =>
    SEVERITIES.filter((severity) => severity !== alert.severity).map((severity) => {
      const ended = { ...alert, resolvedAtMs: alert.resolvedAtMs ?? notification.createdAtMs };
      return alertmanagerAlert(ended, severity, notification);
    }),
  );
  return [...current, ...former];
}

function alertmanagerAlert(alert: AlertView, severity: Severity, notification: Notification): AlertmanagerAlert {
  const { links, report, cause, createdAtMs } = notification;
  const finding = report?.findings.find(({ alertId }) => alertId === alert.alertId);
  const endsAtMs = alert.resolvedAtMs ?? createdAtMs + (cause === 'test' ? TEST_FIRES_FOR_MS : FIRES_FOR_MS);
  return {
    labels: withoutEmpty({ alertname: alert.labels.monitor, ...alert.labels, severity }),
    annotations: withoutEmpty({
      summary: alert.reason,
      description: finding?.change ?? '',
      acknowledged_by: alert.acknowledged?.by ?? '',
      runbook_url: webAddress(links.runbook) ?? '',
      dashboard_url: webAddress(links.dashboard) ?? '',
    }),
    startsAt: iso(alert.firedAtMs),
    // An end before the start is refused, with all alerts beside it; late data can resolve the window in which it fired.
    endsAt: iso(Math.max(endsAtMs, alert.firedAtMs)),
    generatorURL: webAddress(links.alert) ?? '',
  };
}

function testAlert({ project, receiver, createdAtMs }: Notification): AlertmanagerAlert {
  return {
    labels: { alertname: 'PlumblineTest', project, receiver },
    annotations: { summary: `Test message to receiver ${receiver}: it arrives` },
    startsAt: iso(createdAtMs),
    endsAt: iso(createdAtMs + TEST_FIRES_FOR_MS),
    generatorURL: '',
  };
}

function withoutEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

function iso(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}
