import { type AlertLabels, type AlertView, type Notification, parseDuration } from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';
import { type AlertGroup, alertGroups } from './alert-groups.js';
import { type ChangeKind, type GroupState, groupStateOf, isOpen, uncovered } from './group-changes.js';
import { badness } from './inhibition-of.js';
import type { GroupKey, NotifyReceiver, NotifyWorld, ToldAlert, TrackedAlert } from './notify-world.js';
import { afterPause, resendAtMs } from './when-due.js';
import { type Withheld, withholding } from './withhold.js';

/** A message that is due: to be written, then sent. */
export interface PlannedMessage extends GroupKey {
  readonly notificationId: string;
  readonly incidentId: string;
  readonly groupLabels: Readonly<Partial<AlertLabels>>;
  readonly position: number;
  readonly sequence: number;
  readonly cause: Notification['cause'];
  readonly status: 'firing' | 'resolved';
  readonly told: readonly ToldAlert[];
  /** Worst first. */
  readonly alerts: readonly AlertView[];
  readonly remarks: readonly string[];
  /** Ids of the transitions that it tells of and none before did. */
  readonly covers: readonly string[];
  /** When the first of these was decided; undefined for a message that says nothing new. */
  readonly decidedAtMs: number | undefined;
  /** It is only noted that the receiver need not be told; why. */
  readonly settledBecause: string | undefined;
}

/** Episodes that are settled without a message: they ended while they were withheld, and nobody had been told. */
export interface SuppressedEpisode extends Pick<GroupKey, 'receiver' | 'route'> {
  readonly alertId: string;
  readonly model: string;
  readonly transitionIds: readonly string[];
  readonly withheld: Withheld;
}

/** What to do for a receiver now. */
export interface NotifyPlan {
  readonly messages: readonly PlannedMessage[];
  /** Ids of messages that were made before and are to be sent now, or once more. */
  readonly attempts: readonly string[];
  readonly suppressed: readonly SuppressedEpisode[];
  /** When to look again, in milliseconds since 1970; undefined when nothing is foreseen. */
  readonly lookAgainAtMs: number | undefined;
}

const SETTLED_RESOLVE = 'the receiver is not told of what is over (send_resolved)';

/**
 * Decides what a receiver is told now. The stages: route and group → inhibit, silence, mute → compare with the last message → wait →
 * message, another attempt of the last one, or when to look again.
 */
export function planNotifications(world: NotifyWorld, receiver: NotifyReceiver, nowMs: number): NotifyPlan {
  const withheldOf = withholding(world, nowMs);
  const plans = alertGroups(world, receiver).map((group) => {
    const state = groupStateOf(group, receiver, world.covered, (alert) => withheldOf(group, alert));
    const suppressed = state.suppressed.map((each) => suppressedEpisode(group, each, world.covered));
    const next = nextStep(group, state, receiver, nowMs);
    const until = state.waiting.flatMap(({ withheld }) => withheld.untilMs ?? []);
    if (next === undefined || next.atMs > nowMs) {
      return { suppressed, lookAgainAtMs: Math.min(next?.atMs ?? Infinity, ...until) };
    }
    if (next.step === 'attempt') return { suppressed, attempt: group.last!.notificationId, lookAgainAtMs: Infinity };
    return { suppressed, message: messageOf(world, group, state, receiver), lookAgainAtMs: Infinity };
  });
  const lookAgainAtMs = Math.min(...plans.map((plan) => plan.lookAgainAtMs));
  return {
    messages: plans.flatMap(({ message }) => message ?? []),
    attempts: plans.flatMap(({ attempt }) => attempt ?? []),
    suppressed: plans.flatMap(({ suppressed }) => suppressed),
    lookAgainAtMs: lookAgainAtMs === Infinity ? undefined : lookAgainAtMs,
  };
}

/** Returns what is to be done next for a group, and when; undefined when nothing is foreseen. */
function nextStep(
  group: AlertGroup,
  { changes, repeating }: GroupState,
  { collapses }: NotifyReceiver,
  nowMs: number,
): { readonly step: 'message' | 'attempt'; readonly atMs: number } | undefined {
  const { last, declaration } = group;
  const pause = (name: 'group_wait' | 'group_interval' | 'repeat_interval'): number =>
    declaration[name] === '0s' ? 0 : parseDuration(declaration[name]);
  if (changes.length > 0) {
    if (last === undefined || !isOpen(group)) {
      const sinceMs = Math.min(...changes.map((change) => change.sinceMs));
      return { step: 'message', atMs: afterPause(sinceMs, pause('group_wait'), nowMs) };
    }
    if (changes.some(({ kind }) => kind === 'acknowledged' || kind === 'unacknowledged')) {
      return { step: 'message', atMs: nowMs };
    }
    const atMs = afterPause(last.createdAtMs, pause('group_interval'), nowMs);
    // What waits to be sent again is sent as things stand by then.
    return { step: 'message', atMs: Math.min(atMs, last.nextAttemptAtMs ?? Infinity) };
  }
  if (last === undefined) return undefined;
  if (last.nextAttemptAtMs !== undefined) return { step: 'attempt', atMs: last.nextAttemptAtMs };
  if (repeating.length > 0) {
    return { step: 'message', atMs: afterPause(last.createdAtMs, pause('repeat_interval'), nowMs) };
  }
  if (!collapses || last.delivered === undefined || isOpen(group)) return undefined;
  const atMs = resendAtMs(last.delivered);
  return atMs === undefined ? undefined : { step: 'attempt', atMs };
}

function messageOf(
  { project, covered }: NotifyWorld,
  group: AlertGroup,
  { changes, firing, resolved, waiting }: GroupState,
  receiver: NotifyReceiver,
): PlannedMessage {
  const { last, groupLabels, route, groupKey } = group;
  const open = isOpen(group);
  const status = firing.length > 0 ? 'firing' : 'resolved';
  const sequence = open ? last!.sequence + 1 : 0;
  const position = (last?.position ?? 0) + 1;
  const cause = causeOf(
    changes.map(({ kind }) => kind),
    status,
    sequence,
  );
  const told = [...firing, ...resolved].map(({ view }): ToldAlert => ({
    alertId: view.alertId,
    status: view.status,
    severity: view.severity,
    transitionId: view.transitionId,
    acknowledged: view.acknowledged !== undefined,
  }));
  const fresh = [...firing, ...resolved].flatMap((alert) => uncovered(group, alert, covered));
  const first = fresh.map(({ decidedAtMs, transitionId }) => ({ decidedAtMs, transitionId })).sort(byDecision)[0];
  const incidentId = open
    ? last!.incidentId
    : stableId('incident', project, receiver.receiver, route, groupKey, position, first?.transitionId ?? '');
  const identity = told.map((each) => JSON.stringify(each)).sort();
  const onlyResolves = changes.length > 0 && changes.every(({ kind }) => kind === 'resolved');
  return {
    receiver: receiver.receiver,
    route,
    groupKey,
    groupLabels,
    notificationId: stableId('notification', incidentId, sequence, cause, ...identity),
    incidentId,
    position,
    sequence,
    cause,
    status,
    told,
    alerts: [...firing, ...(receiver.sendResolved ? resolved : [])].map(({ view }) => view).sort(worstFirst),
    remarks: remarksOn(waiting.filter(({ alert }) => !firing.includes(alert))),
    covers: fresh.map(({ transitionId }) => transitionId).sort(),
    decidedAtMs: first?.decidedAtMs,
    settledBecause: onlyResolves && !receiver.sendResolved ? SETTLED_RESOLVE : undefined,
  };
}

function causeOf(kinds: readonly ChangeKind[], status: 'firing' | 'resolved', sequence: number): Notification['cause'] {
  if (status === 'resolved') return 'resolved';
  if (sequence === 0) return 'fired';
  if (kinds.includes('escalated')) return 'escalated';
  if (kinds.some((kind) => kind !== 'acknowledged')) return 'changed';
  return kinds.length > 0 ? 'acknowledged' : 'repeated';
}

/** Says of what is not told because it follows from something else, counted by subject. */
function remarksOn(waiting: GroupState['waiting']): string[] {
  const counts = new Map<string, number>();
  for (const { alert, withheld } of waiting) {
    const why = withheld.reason === 'inhibited' ? `because of ${withheld.detail}` : withheld.detail;
    const text = `on ${alert.view.labels.subject} withheld: ${why}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${count} ${count === 1 ? 'alert' : 'alerts'} ${text}`).sort();
}

function suppressedEpisode(
  group: AlertGroup,
  { alert, withheld }: GroupState['suppressed'][number],
  covered: ReadonlySet<string>,
): SuppressedEpisode {
  return {
    receiver: group.receiver,
    route: group.route,
    alertId: alert.view.alertId,
    model: alert.view.labels.model,
    transitionIds: uncovered(group, alert, covered).map(({ transitionId }) => transitionId),
    withheld,
  };
}

function byDecision(left: TrackedAlert['transitions'][number], right: TrackedAlert['transitions'][number]): number {
  return left.decidedAtMs - right.decidedAtMs || (left.transitionId < right.transitionId ? -1 : 1);
}

/** Alerts that fire before resolved ones, the severe before the others, then by how far the value is beyond its threshold. */
function worstFirst(left: AlertView, right: AlertView): number {
  return (
    Number(right.status === 'firing') - Number(left.status === 'firing') ||
    badness(right.severity) - badness(left.severity) ||
    excess(right) - excess(left) ||
    (left.alertId < right.alertId ? -1 : 1)
  );
}

function excess({ value, threshold }: AlertView): number {
  const ratio = Math.abs(value) / Math.abs(threshold);
  return Number.isFinite(ratio) ? ratio : 0;
}
