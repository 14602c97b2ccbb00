import type { AlertState, Measurement, Transition } from '@plumbline/contracts';
import {
  type AlertPolicy,
  type EvaluatedFindings,
  fold,
  type FoldStep,
  type HandEnding,
  type Retrospect,
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
  listAlertStatesBefore,
  listAlertStatesFrom,
  listChainMeasurements,
  type Store,
  type RecordedAlertState,
  type StoredAlertState,
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
 * A window that was evaluated before and gives the same again keeps its revision; one that gives something else gets the next.
 * States of later windows are decided anew from there on, for the series that were measured now.
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
  const endingsOf = groupBy(
    endings.filter(({ monitor, windowMs }) => monitor === chain.monitor && windowMs === chain.windowMs),
    seriesKey,
  );
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
  const windows = revised.map((each) =>
    each.changed
      ? { ...each, measurements: each.measurements.map((one) => ({ ...one, evaluatedAtMs: decidedAtMs })) }
      : each,
  );
  const measurements = windows.flatMap((each) => each.measurements);
  const changed = windows.filter((each) => each.changed);
  await insertMeasurements(
    store,
    changed.flatMap((each) => each.measurements),
    identity,
  );

  const transitions = anyChange ? await decideAlerts() : [];
  const marks = windows.map(({ window, revision }) => ({
    windowEndMs: window.endMs,
    revision,
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
    const measuredNow = new Set(measurements.map(seriesKey));
    // A series that is not measured any more keeps what was decided on it.
    const deciding = [...measurements, ...others].filter((each) => each.decides && measuredNow.has(seriesKey(each)));
    const series = groupBy(
      deciding.sort((a, b) => a.windowEndMs - b.windowEndMs),
      seriesKey,
    );
    const states: StoredAlertState[] = [];
    const told: Transition[] = [];
    for (const [key, history] of series) {
      const steps: FoldStep[] = [];
      for (const measurement of history) {
        const known = recordedOf.get(stepKey(measurement, measurement.windowEndMs));
        steps.push({ measurement, policy: await policyIn(measurement), recorded: known });
      }
      const result = fold(beforeOf.get(key), steps, cause, endingsOf.get(key));
      told.push(...result.transitions);
      states.push(...changedStates(steps, result.states));
    }
    await insertTransitions(store, told, identity);
    await insertAlertStates(store, chain, states, decidedAtMs, identity);
    return told;
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
}

function revise({ window, measurements }: MeasuredWindow, stored: readonly Measurement[]): RevisedWindow {
  const last = stored.reduce((most, each) => Math.max(most, each.revision), window.mark?.revision ?? 0);
  // Rows of earlier revisions are of series that the last one did not find any more.
  const current = stored.filter(({ revision }) => revision === last);
  if (window.mark !== undefined && sameFindings(measurements, current)) {
    // Stored under a revision that was never marked: a crash came before its alerts were decided.
    return { window, measurements: current, revision: last, changed: last > window.mark.revision };
  }
  const revision = window.mark === undefined ? last : last + 1;
  return { window, measurements: measurements.map((each) => ({ ...each, revision })), revision, changed: true };
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
  const revisions = new Map<number, number>();
  for (const { windowEndMs, revision } of all)
    revisions.set(windowEndMs, Math.max(revision, revisions.get(windowEndMs) ?? 0));
  return all.filter(({ windowEndMs, revision }) => !ends.has(windowEndMs) && revision === revisions.get(windowEndMs));
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
