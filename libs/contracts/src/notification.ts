import type { AlertLabels } from './alert-labels.js';
import type { AlertReport } from './alert-report.js';
import type { Severity } from './monitor.schema.js';

/** One alert of a message, as it stands when the message is made. */
export interface AlertView {
  readonly alertId: string;
  readonly labels: AlertLabels;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly pValue: number;
  readonly nCurrent: number;
  /** Why it fires, or why it was resolved. */
  readonly reason: string;
  /** End of the window in which it fired. */
  readonly firedAtMs: number;
  /** End of the window in which it was resolved; undefined while it fires. */
  readonly resolvedAtMs: number | undefined;
  readonly acknowledged: { readonly by: string; readonly note: string; readonly atMs: number } | undefined;
  /** The transition that this state came by. */
  readonly transitionId: string;
}

/** Addresses of what a person does next; undefined where the server does not know how it is reached (alerting.externalUrl). */
export interface NotificationLinks {
  /** The alert, with history and forms. */
  readonly alert: string | undefined;
  readonly acknowledge: string | undefined;
  readonly silence: string | undefined;
  readonly dashboard: string | undefined;
  readonly runbook: string | undefined;
}

/**
 * A message to a receiver: how a group of alerts stands, whatever channel it goes through. It is made once and kept, so that every
 * attempt sends the same.
 */
export interface Notification {
  /** The receiver's key to tell a repetition: the same on every attempt. */
  readonly id: string;
  /**
   * The same for all messages from the first alert of the group to the last that is resolved: what a channel updates, threads or closes.
   * An incident that follows has another.
   */
  readonly incidentId: string;
  /** 0 for the message that opens the incident. */
  readonly sequence: number;
  readonly project: string;
  readonly receiver: string;
  /** What the alerts of the group have in common: the labels it is grouped by. */
  readonly groupLabels: Readonly<Partial<AlertLabels>>;
  /** Why it is sent now. */
  readonly cause: 'fired' | 'changed' | 'escalated' | 'acknowledged' | 'repeated' | 'resolved' | 'test';
  /** `firing` while at least one of the alerts fires. */
  readonly status: 'firing' | 'resolved';
  /** The worst of the alerts that fire; "ok" when all are resolved. */
  readonly severity: Severity;
  /** Every alert of the group that fires is acknowledged; undefined when none fires or one is not. */
  readonly acknowledgedBy: string | undefined;
  /** Worst first; those that fire, and those resolved since the last message. Never empty, but for a test. */
  readonly alerts: readonly AlertView[];
  /** Alerts that there was no room for. */
  readonly moreAlerts: number;
  /** What happened, of the worst model and version of the group; undefined when it could not be made. */
  readonly report: AlertReport | undefined;
  /** In words: what else is known but not told of, because it follows from this ("3 alerts on drift are inhibited by …"). */
  readonly remarks: readonly string[];
  readonly links: NotificationLinks;
  /** When the message was made. */
  readonly createdAtMs: number;
}
