import type { AlertState, Measurement, Severity, Transition } from '@plumbline/contracts';
import type { AlertPolicy } from './alert-policy.js';
import { decide, type Decision, nextAlertState } from './decide.js';
import { endedBetween, type HandEnding, standingBefore, type StandingState } from './hand-ending.js';
import { initialAlertState } from './initial-alert-state.js';
import { type Retrospect, transitionOf } from './transition-of.js';

/** One window of one series, in the order of windows. */
export interface FoldStep {
  readonly measurement: Measurement;
  readonly policy: AlertPolicy;
  /** State decided for this window earlier; undefined when it is decided for the first time. */
  readonly recorded?: AlertState | undefined;
}

export interface FoldResult {
  /** State after each step. */
  readonly states: readonly AlertState[];
  /** What there is to tell: the changes of windows decided for the first time, and corrections of those decided before. */
  readonly transitions: readonly Transition[];
}

/**
 * Decides the windows of one series one after the other. Windows up to the last one decided before are decided anew, because late
 * data changed one of them; of these only what changes an episode is told: an alert that should have been raised is raised in
 * retrospect, one that should not have been is resolved, one that stands is told again only if its severity is another.
 *
 * What was ended by hand stays ended: the series starts afresh after that window whenever it is decided, and the ending itself,
 * told when it happened, is not told again.
 * @param previous how the series stood before the first step
 * @param cause the window that led to this; used only where there is something to correct
 * @param endings of this series, in any order
 */
export function fold(
  previous: StandingState | undefined,
  steps: readonly FoldStep[],
  cause: Retrospect,
  endings: readonly HandEnding[] = [],
): FoldResult {
  if (steps.length === 0) return { states: [], transitions: [] };
  const before = previous === undefined ? initialAlertState : standingBefore(endOf(steps, 0), previous, endings);
  const decidedBefore = steps.findLastIndex(({ recorded }) => recorded !== undefined) + 1;
  const states: AlertState[] = [];
  const fresh: Transition[] = [];
  for (const [i, { measurement, policy }] of steps.entries()) {
    const last = states.at(-1) ?? before;
    const { next: state, transition }: Decision =
      i < decidedBefore ? { next: nextAlertState(last, measurement, policy) } : decide(last, measurement, policy);
    const windowEndMs = measurement.windowEndMs;
    const standing = standingBefore(endOf(steps, i + 1), { windowEndMs, state }, endings);
    if (transition !== undefined && standing === state) fresh.push(transition);
    states.push(standing);
  }
  const told = statesTold(before, steps.slice(0, decidedBefore), endings, endOf(steps, decidedBefore));
  return { states, transitions: [...correct(before, steps, told, states, cause), ...fresh] };
}

/** End of the window of a step; for ever after the last. */
function endOf(steps: readonly FoldStep[], index: number): number {
  return steps[index]?.measurement.windowEndMs ?? Infinity;
}

/** How the series stood after each step for those who were told. */
function statesTold(
  before: AlertState,
  steps: readonly FoldStep[],
  endings: readonly HandEnding[],
  nextWindowEndMs: number,
): AlertState[] {
  const told: AlertState[] = [];
  for (const [i, { measurement, recorded }] of steps.entries()) {
    // A window nobody had decided stood where the one before it stood.
    const state = recorded ?? told.at(-1) ?? before;
    const next = i + 1 < steps.length ? endOf(steps, i + 1) : nextWindowEndMs;
    const ended = endedBetween(measurement.windowEndMs, next, endings);
    // An ending told of one alert only. Another one that is open here was opened by who did not know of it.
    told.push(ended.some(({ alertId }) => alertId === state.alertId) ? initialAlertState : state);
  }
  return told;
}

/** Transitions that turn what was told of the episodes into what is now known of them, in the order of windows. */
function correct(
  before: AlertState,
  steps: readonly FoldStep[],
  told: readonly AlertState[],
  states: readonly AlertState[],
  cause: Retrospect,
): Transition[] {
  const known = states.slice(0, told.length);
  const toldIds = told.map(({ alertId }) => alertId);
  const knownIds = known.map(({ alertId }) => alertId);
  const corrections: Transition[] = [];
  const correctTo = (index: number, from: AlertState, to: AlertState): void => {
    corrections.push(transitionOf(steps[index]!.measurement, from, to, cause));
  };
  for (const alertId of new Set([...toldIds, ...knownIds])) {
    if (alertId === '') continue;
    const stoodBefore = before.alertId === alertId;
    const toldOpen = toldIds.at(-1) === alertId;
    const knownOpen = knownIds.at(-1) === alertId;
    const isNews = !toldIds.includes(alertId) && !stoodBefore;
    let standing: AlertState | undefined = toldOpen ? told.at(-1)! : undefined;
    if (isNews || (knownOpen && !toldOpen)) {
      const index = isNews ? knownIds.indexOf(alertId) : toldIds.lastIndexOf(alertId) + 1;
      standing = firing(known[index]!);
      correctTo(index, initialAlertState, standing);
    }
    if (standing === undefined) continue;
    if (knownOpen) {
      const { severity } = known.at(-1)!;
      if (standing.severity === severity) continue;
      const knownSince = sinceWhen(known, alertId, severity);
      const index = toldOpen ? Math.max(knownSince, sinceWhen(told, alertId, standing.severity)) : knownSince;
      correctTo(index, firing(standing), firing(known[index]!));
    } else {
      const neverWas = !knownIds.includes(alertId) && !stoodBefore;
      const index = neverWas ? toldIds.indexOf(alertId) : knownIds.lastIndexOf(alertId) + 1;
      correctTo(index, firing(standing), { ...initialAlertState, alertId });
    }
  }
  return corrections.sort((left, right) => left.windowEndMs - right.windowEndMs);
}

/** Index from which on the alert is open with the severity, up to the last. */
function sinceWhen(states: readonly AlertState[], alertId: string, severity: Severity): number {
  return states.findLastIndex((state) => state.alertId !== alertId || state.severity !== severity) + 1;
}

function firing(state: AlertState): AlertState {
  return { ...state, status: 'firing' };
}
