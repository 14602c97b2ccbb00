import type { AlertGroup } from './alert-groups.js';
import { badness } from './inhibition-of.js';
import { coverKey, type NotifyReceiver, type ToldAlert, type TrackedAlert } from './notify-world.js';
import type { Withheld } from './withhold.js';

export type ChangeKind = 'fired' | 'escalated' | 'resolved' | 'acknowledged' | 'unacknowledged';

/** What a receiver was not yet told of one alert. */
export interface GroupChange {
  readonly alert: TrackedAlert;
  readonly kind: ChangeKind;
  /** When the first of what was not told was decided. */
  readonly sinceMs: number;
}

/** How a group stands against its last message. */
export interface GroupState {
  readonly changes: readonly GroupChange[];
  /** Alerts that a message is to show as firing: those told now, and those told before. */
  readonly firing: readonly TrackedAlert[];
  /** Alerts that a message is to show as resolved: those of the changes, and those of a last message that has not arrived. */
  readonly resolved: readonly TrackedAlert[];
  /** Alerts that were told as firing, are told of again and again, and that nobody has acknowledged. */
  readonly repeating: readonly TrackedAlert[];
  /** Alerts that fire and are withheld for now. */
  readonly waiting: readonly { readonly alert: TrackedAlert; readonly withheld: Withheld }[];
  /** Episodes that ended without anybody having been told, while they were withheld. */
  readonly suppressed: readonly { readonly alert: TrackedAlert; readonly withheld: Withheld }[];
}

/**
 * Compares a group with its last message. An alert that is withheld changes nothing, but for its end if the receiver knows of it.
 * @param withheldOf why an alert is not to be told of now
 */
export function groupStateOf(
  group: AlertGroup,
  receiver: NotifyReceiver,
  covered: ReadonlySet<string>,
  withheldOf: (alert: TrackedAlert) => Withheld | undefined,
): GroupState {
  const told = new Map(isOpen(group) ? group.last!.told.map((each) => [each.alertId, each]) : []);
  const arrived = group.last?.nextAttemptAtMs === undefined;
  const changes: GroupChange[] = [];
  const firing: TrackedAlert[] = [];
  const resolved: TrackedAlert[] = [];
  const repeating: TrackedAlert[] = [];
  const waiting: { alert: TrackedAlert; withheld: Withheld }[] = [];
  const suppressed: { alert: TrackedAlert; withheld: Withheld }[] = [];
  const strayed = new Set(group.strayed);
  for (const alert of [...group.alerts, ...group.strayed]) {
    const known = told.get(alert.view.alertId);
    const fires = alert.view.status === 'firing';
    const toldFiring = known?.status === 'firing';
    const change = changeOf(alert, known, group, receiver, covered);
    const withheld = fires || !toldFiring ? withheldOf(alert) : undefined;
    const isTold = change !== undefined && withheld === undefined && !(fires && strayed.has(alert));
    if (isTold) changes.push(change);
    if (fires && (toldFiring || isTold)) firing.push(alert);
    if (!fires && (isTold || (known?.status === 'resolved' && !arrived))) resolved.push(alert);
    if (fires && toldFiring && withheld === undefined && !strayed.has(alert)) {
      if (alert.view.acknowledged === undefined) repeating.push(alert);
    }
    if (withheld === undefined) continue;
    if (fires && (toldFiring || change !== undefined)) waiting.push({ alert, withheld });
    else if (!fires && change !== undefined) suppressed.push({ alert, withheld });
  }
  return { changes, firing, resolved, repeating, waiting, suppressed };
}

/**
 * Returns whether an incident is under way: the receiver was told of an alert and not yet that it is over, or the message that says so
 * has not arrived.
 */
export function isOpen({ last }: Pick<AlertGroup, 'last'>): boolean {
  return (
    last !== undefined && (last.nextAttemptAtMs !== undefined || last.told.some(({ status }) => status === 'firing'))
  );
}

/** Returns the transitions of an alert that no message of the group covers. */
export function uncovered(
  { receiver, route }: Pick<AlertGroup, 'receiver' | 'route'>,
  alert: TrackedAlert,
  covered: ReadonlySet<string>,
): TrackedAlert['transitions'] {
  return alert.transitions.filter(({ transitionId }) => !covered.has(coverKey(receiver, route, transitionId)));
}

function changeOf(
  alert: TrackedAlert,
  known: ToldAlert | undefined,
  group: AlertGroup,
  receiver: NotifyReceiver,
  covered: ReadonlySet<string>,
): GroupChange | undefined {
  const { view, transitions } = alert;
  const last = transitions.at(-1)!;
  if (known?.transitionId === last.transitionId) return acknowledgementOf(alert, known, receiver);
  if (known === undefined) {
    if (covered.has(coverKey(group.receiver, group.route, last.transitionId))) return undefined;
    // Of what was over before the receiver was there it never hears, nor of what it never heard began.
    const decisive = view.status === 'firing' ? last : transitions[0]!;
    if (decisive.decidedAtMs < receiver.createdAtMs) return undefined;
  }
  const sinceMs = (uncovered(group, alert, covered)[0] ?? last).decidedAtMs;
  if (view.status === 'resolved') return { alert, kind: 'resolved', sinceMs };
  const escalated = known?.status === 'firing' && badness(view.severity) > badness(known.severity);
  return { alert, kind: escalated ? 'escalated' : 'fired', sinceMs };
}

function acknowledgementOf(alert: TrackedAlert, known: ToldAlert, receiver: NotifyReceiver): GroupChange | undefined {
  const { acknowledged, status } = alert.view;
  const isAcknowledged = acknowledged !== undefined;
  if (!receiver.showsAcknowledgement || status !== 'firing' || isAcknowledged === known.acknowledged) return undefined;
  return { alert, kind: isAcknowledged ? 'acknowledged' : 'unacknowledged', sinceMs: acknowledged?.atMs ?? 0 };
}
