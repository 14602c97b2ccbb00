import type { AlertState, Measurement, Series, Transition } from '@plumbline/contracts';
import {
  type AlertPolicy,
  correctTold,
  type EvaluatedFindings,
  fold,
  type FoldStep,
  type HandEnding,
  type Retrospect,
  type RetrospectChange,
  sameFindings,
  unawareSince,
  type Window,
} from '@plumbline/monitoring';
import {
  type Chain,
  type HandEndingRow,
  insertAlertStates,
  insertEvaluationMarks,
  insertMeasurements,
  insertTransitions,
  keepRevisions,
  listAlertStatesBefore,
  listAlertStatesFrom,
  listChainMeasurements,
  listOpenAlerts,
  type Store,
  type RecordedAlertState,
  type StoredAlertState,
  type StoredMeasurement,
} from '@plumbline/storage';
import type { PlannedWindow } from './monitor-plan.js';
import { seriesKey } from './series-key.js';

/** A planned window with what was found in it. */
export interface MeasuredWindow {
  readonly window: PlannedWindow;
  readonly measurements: readonly Measurement[];
}

export interface Conclusion {
  readonly measurements: readonly Measurement[];
  readonly transitions: readonly Transition[];
  /** What was found in the last of the windows. */
  readonly newest: EvaluatedFindings;
}

/**
 * Stores what was found in some windows of a monitor, in order, and decides its alerts: measurements, transitions, states, and
 * last the marks that say the windows are done. Interrupted anywhere, a repetition writes the same rows.
 *
 * A window that was evaluated before and gives the same again keeps its revision; one that gives something else gets the next, and
 * what it had stays readable. States of later windows are decided anew from there on, for the series that were measured now or
 * before.
 *
 * What is written is never older than what it replaces, even if the clock was set back since: it would lose.
 * @param activeVersions tells the versions that made predictions in a window
 * @param endings alerts of the model that somebody ended by hand
 */
export async function conclude(
  store: Store,
  chain: Chain,
  policy: AlertPolicy,
  measured: readonly MeasuredWindow[],
  activeVersions: (window: Window) => Promise<readonly string[]>,
  endings: readonly HandEndingRow[],
  nowMs: number,
): Promise<Conclusion> {
  const firstEndMs = measured[0]!.window.endMs;
  const lastEndMs = measured.at(-1)!.window.endMs;
  const stored = groupBy(await listChainMeasurements(store, chain, firstEndMs, lastEndMs), (each) => each.windowEndMs);
  const revised = measured.map((each) => revise(each, stored.get(each.window.endMs) ?? []));
  const anyChange = revised.some((each) => each.changed);
  const endingsOf = groupBy(endings.filter(isOfChain), seriesKey);
  const { decidedFromMs, before } = anyChange
    ? await statesBefore(store, chain, firstEndMs, endingsOf)
    : { decidedFromMs: firstEndMs, before: [] };
  const recorded = anyChange ? await listAlertStatesFrom(store, chain, decidedFromMs) : [];
  const decidedAtMs = laterThan(
    nowMs,
    measured.map(({ window }) => Math.max(window.mark?.evaluatedAtMs ?? 0, window.notBeforeMs ?? 0)),
    [...stored.values()].flat().map((each) => each.evaluatedAtMs),
    [...before, ...recorded].map((each) => each.updatedAtMs),
  );
  const identity = `${chain.project}/${chain.model}/${chain.monitor}/${chain.windowMs}:${firstEndMs}-${lastEndMs}:${decidedAtMs}`;
  const windows = revised.map((each) => (each.changed ? decidedAt(each, decidedAtMs) : each));
  const measurements = windows.flatMap((each) => each.measurements);
  const changed = windows.filter((each) => each.changed);
  const superseded = changed.flatMap((each) => each.superseded);
  await keepRevisions(store, superseded, decidedAtMs, identity);
  const gone = changed.flatMap((each) => each.gone);
  const found = changed.flatMap((each) => each.measurements);
  await insertMeasurements(store, found, identity, gone);

  const transitions = anyChange ? await decideAlerts() : [];
  const marks = windows.map((each) => ({
    windowEndMs: each.window.endMs,
    dataStartMs: dataStartOf(each),
    revision: each.revision,
    evaluatedAtMs: decidedAtMs,
  }));
  await insertEvaluationMarks(store, chain, marks, identity);
  return { measurements, transitions, newest: { windowEndMs: lastEndMs, measurements: windows.at(-1)!.measurements } };

  async function decideAlerts(): Promise<Transition[]> {
    const [first] = changed as [RevisedWindow];
    const cause: Retrospect = { windowEndMs: first.window.endMs, revision: first.revision, decidedAtMs };
    const beforeOf = new Map(before.map((each) => [seriesKey(each), each]));
    const recordedOf = new Map(recorded.map((each) => [stepKey(each, each.windowEndMs), each.state]));
    const others = await otherMeasurements(store, chain, measured, decidedFromMs, recorded);
    const now = [...measurements, ...windows.flatMap((each) => each.gone.map(nothingFound))];
    const measuredNow = new Set(now.map(seriesKey));
    const deciding = [...now, ...others].filter((each) => each.decides && measuredNow.has(seriesKey(each)));
    const series = groupBy(
      deciding.sort((a, b) => a.windowEndMs - b.windowEndMs),
      seriesKey,
    );
    // A stop came after something was stored of a window: alerts may have been told that no state knows of.
    const interrupted = changed.some((each) => each.interrupted);
    const open = interrupted ? groupBy((await listOpenAlerts(store, chain)).filter(isOfChain), seriesKey) : undefined;
    const states: StoredAlertState[] = [];
    const told: Transition[] = [];
    for (const [key, history] of series) {
      const steps: FoldStep[] = [];
      for (const measurement of history) {
        const known = recordedOf.get(stepKey(measurement, measurement.windowEndMs));
        steps.push({ measurement, policy: await policyIn(measurement), recorded: known });
      }
      const result = fold(
        beforeOf.get(key),
        steps,
        { ...cause, change: changeOf(changed, history[0]!) },
        endingsOf.get(key),
      );
      told.push(...result.transitions);
      if (open !== undefined) {
        const toldBefore = (open.get(key) ?? []).filter(({ endedByHand }) => !endedByHand);
        const [last, known] = [history.at(-1)!, result.states.at(-1)!];
        told.push(...correctTold(last, known, toldBefore, result.transitions, cause));
      }
      states.push(...changedStates(steps, result.states));
    }
    await insertTransitions(store, told, identity);
    await insertAlertStates(store, chain, states, decidedAtMs, identity);
    return told;
  }

  function isOfChain({ monitor, windowMs }: Pick<Chain, 'monitor' | 'windowMs'>): boolean {
    return monitor === chain.monitor && windowMs === chain.windowMs;
  }

  /** A version that another has replaced is not silent but retired: its alerts end. */
  async function policyIn({ version, severity, windowStartMs, windowEndMs }: Measurement): Promise<AlertPolicy> {
    if (severity !== 'no_data') return policy;
    const active = await activeVersions({ startMs: windowStartMs, endMs: windowEndMs });
    return active.length > 0 && !active.includes(version) ? { ...policy, no_data: 'ok' } : policy;
  }
}

interface RevisedWindow extends MeasuredWindow {
  readonly revision: number;
  /** Whether there is something to write: the first evaluation, or one that found something else. */
  readonly changed: boolean;
  /** Whether an evaluation of it before this one came to be stored, and not to its mark. */
  readonly interrupted: boolean;
  /** What stood in the window and is replaced. */
  readonly superseded: readonly Measurement[];
  /** Of series that the window had, and has not in this revision. */
  readonly gone: readonly Measurement[];
}

function revise({ window, measurements }: MeasuredWindow, stored: readonly StoredMeasurement[]): RevisedWindow {
  const last = stored.reduce((most, each) => Math.max(most, each.revision), window.mark?.revision ?? 0);
  const current = stored.filter((each) => isCurrent(each, last));
  const same = window.mark !== undefined && sameFindings(measurements, current);
  // Stored under a revision that was never marked: a crash came before its alerts were decided.
  const interrupted = window.mark === undefined ? stored.length > 0 : last > window.mark.revision;
  const revision = same || window.mark === undefined ? last : last + 1;
  const found = same ? current : measurements.map((each) => ({ ...each, revision }));
  const series = new Set(found.map(seriesKey));
  return {
    window,
    measurements: found,
    revision,
    changed: !same || interrupted,
    interrupted,
    superseded: stored.filter((each) => !each.gone && each.revision < revision),
    gone: stored.filter((each) => !series.has(seriesKey(each))).map((each) => ({ ...each, revision })),
  };
}

/** Whether a row is of the newest revision of its window. A version before this one let rows of series that were lost stand. */
function isCurrent({ gone, revision }: StoredMeasurement, newest: number): boolean {
  return !gone && revision === newest;
}

function decidedAt(window: RevisedWindow, decidedAtMs: number): RevisedWindow {
  const at = (each: Measurement): Measurement => ({ ...each, evaluatedAtMs: decidedAtMs });
  return { ...window, measurements: window.measurements.map(at), gone: window.gone.map(at) };
}

/** Start of the data that a window was judged by: the earliest of what is known, for data that comes there changes it. */
function dataStartOf({ window, measurements }: MeasuredWindow): number {
  return measurements.reduce((least, { dataStartMs }) => Math.min(least, dataStartMs), window.startMs);
}

/** A window says nothing of a series that it does not find any more: it stands as after the window before. */
function nothingFound(gone: Measurement): Measurement {
  const { method, feature, revision } = gone;
  const number = feature === '' ? method : `${method} of ${feature}`;
  return {
    ...gone,
    severity: 'insufficient_data',
    reason: `Revision ${revision} of the window has no ${number} any more.`,
  };
}

/** What the first of the changed windows that changed a series changed of it. */
function changeOf(changed: readonly RevisedWindow[], series: Series): RetrospectChange | undefined {
  const key = seriesKey(series);
  for (const { window, revision, measurements, superseded } of changed) {
    // Nothing is replaced where a crash came between the replacement and the decision: what was there is not at hand.
    if (superseded.length === 0) continue;
    const before = superseded.find((each) => seriesKey(each) === key);
    const after = measurements.find((each) => seriesKey(each) === key);
    if (before === undefined && after === undefined) continue;
    if (before !== undefined && after !== undefined && sameFindings([after], [before])) continue;
    return {
      windowEndMs: window.endMs,
      revision,
      valueBefore: before?.value ?? NaN,
      valueAfter: after?.value ?? NaN,
      late: window.late,
    };
  }
  return undefined;
}

/**
 * The states from which to decide on. That is before the first window, or earlier where a series was decided by who did not know yet
 * that somebody had ended its alert by hand.
 */
async function statesBefore(
  store: Store,
  chain: Chain,
  firstEndMs: number,
  endingsOf: ReadonlyMap<string, readonly HandEnding[]>,
): Promise<{ readonly decidedFromMs: number; readonly before: RecordedAlertState[] }> {
  const before = await listAlertStatesBefore(store, chain, firstEndMs);
  const unaware = before.flatMap((state) => unawareSince(state, endingsOf.get(seriesKey(state)) ?? []) ?? []);
  if (unaware.length === 0) return { decidedFromMs: firstEndMs, before };
  const decidedFromMs = unaware.reduce((least, one) => Math.min(least, one), firstEndMs);
  return { decidedFromMs, before: await listAlertStatesBefore(store, chain, decidedFromMs) };
}

/** Measurements of the windows that are decided anew although they were not measured anew. */
async function otherMeasurements(
  store: Store,
  chain: Chain,
  measured: readonly MeasuredWindow[],
  decidedFromMs: number,
  recorded: readonly RecordedAlertState[],
): Promise<Measurement[]> {
  const last = recorded.at(-1);
  if (last === undefined) return [];
  const ends = new Set(measured.map(({ window }) => window.endMs));
  const all = await listChainMeasurements(store, chain, decidedFromMs, last.windowEndMs);
  const newest = new Map<number, number>();
  for (const { windowEndMs, revision } of all)
    newest.set(windowEndMs, Math.max(revision, newest.get(windowEndMs) ?? 0));
  return all
    .filter(({ windowEndMs }) => !ends.has(windowEndMs))
    .map((each) => (isCurrent(each, newest.get(each.windowEndMs)!) ? each : nothingFound(each)));
}

/** Returns the time, or one just after the latest of the others where it is not later than all of them. */
function laterThan(nowMs: number, ...others: readonly (readonly number[])[]): number {
  return others.flat().reduce((latest, other) => Math.max(latest, other + 1), nowMs);
}

function changedStates(steps: readonly FoldStep[], states: readonly AlertState[]): StoredAlertState[] {
  return steps.flatMap(({ measurement, recorded }, i) => {
    const state = states[i]!;
    if (recorded !== undefined && sameState(recorded, state)) return [];
    const { version, segment, feature, method, windowEndMs } = measurement;
    return [{ version, segment, feature, method, windowEndMs, state }];
  });
}

function sameState(left: AlertState, right: AlertState): boolean {
  return (Object.keys(left) as (keyof AlertState)[]).every((name) => left[name] === right[name]);
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

function stepKey(series: Parameters<typeof seriesKey>[0], windowEndMs: number): string {
  return `${windowEndMs}${seriesKey(series)}`;
}
