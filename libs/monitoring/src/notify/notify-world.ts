import type { AlertLabels, AlertView, Route, Severity, Silence } from '@plumbline/contracts';

/** A change of an alert that a receiver is to hear of. */
export interface TransitionMark {
  readonly transitionId: string;
  readonly decidedAtMs: number;
}

/** An alert as it stands, and how it came to that. */
export interface TrackedAlert {
  readonly view: AlertView;
  /** Those that are told, in the order of the decisions; the last one made the present state. Never empty. */
  readonly transitions: readonly TransitionMark[];
}

/** A receiver, as far as it matters to what it is told. */
export interface NotifyReceiver {
  readonly receiver: string;
  /** It is not told of what was decided before. */
  readonly createdAtMs: number;
  readonly sendResolved: boolean;
  readonly showsAcknowledgement: boolean;
  /** A message may be sent again without harm. */
  readonly collapses: boolean;
}

/** What a message said of an alert. */
export interface ToldAlert {
  readonly alertId: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly transitionId: string;
  readonly acknowledged: boolean;
}

/** The alerts of a receiver and route that are told of together. */
export interface GroupKey {
  readonly receiver: string;
  readonly route: string;
  /** JSON of the labels that they agree in. */
  readonly groupKey: string;
}

/** The last message of a group, and what became of it. */
export interface LastMessage extends GroupKey {
  readonly notificationId: string;
  readonly incidentId: string;
  readonly groupLabels: Readonly<Partial<AlertLabels>>;
  /** Counts the messages of the group, over all its incidents. */
  readonly position: number;
  /** Counts the messages of the incident, from 0. */
  readonly sequence: number;
  readonly createdAtMs: number;
  /** Every alert that it says something of. */
  readonly told: readonly ToldAlert[];
  readonly attempts: number;
  /** When it is to be sent again, 0 for at once; undefined when it is delivered or given up. */
  readonly nextAttemptAtMs: number | undefined;
  /** When it was first delivered, and how often it was sent again since; undefined while it is not. */
  readonly delivered:
    { readonly firstAtMs: number; readonly lastAtMs: number; readonly repetitions: number } | undefined;
}

/** All that is known of what a receiver may have to be told: of one model, or of the groups that no model is named in. */
export interface NotifyWorld {
  readonly project: string;
  /** Which groups are meant: those whose alerts are of one model, or the others. Each has another owner. */
  readonly scope: 'model' | 'project';
  /** Of the project, in the order in which they are asked. */
  readonly routes: readonly Route[];
  readonly silences: readonly Silence[];
  /** Firing ones, and those resolved of late. */
  readonly alerts: readonly TrackedAlert[];
  /** Models of which events wait to be counted: what is measured of them is not the whole. */
  readonly lateModels: ReadonlySet<string>;
  readonly lastMessages: readonly LastMessage[];
  /** Ids of transitions that messages of a group covered, or that were settled without one, by `coverKey`. */
  readonly covered: ReadonlySet<string>;
}

/** Names a transition as far as one receiver and route are concerned. */
export function coverKey(receiver: string, route: string, transitionId: string): string {
  return JSON.stringify([receiver, route, transitionId]);
}
