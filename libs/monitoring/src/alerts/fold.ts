import type { AlertState, Measurement, Transition } from '@plumbline/contracts';
import type { AlertPolicy } from './alert-policy.js';
import { decide } from './decide.js';
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
 * retrospect, one that should not have been is resolved, and one that stands is not told again.
 * @param previous state before the first step
 * @param cause the window that led to this; used only where there is something to correct
 */
export function fold(previous: AlertState | undefined, steps: readonly FoldStep[], cause: Retrospect): FoldResult {
  const before = previous ?? initialAlertState;
  const decidedBefore = steps.findLastIndex(({ recorded }) => recorded !== undefined) + 1;
  const states: AlertState[] = [];
  const fresh: Transition[] = [];
  for (const [i, { measurement, policy }] of steps.entries()) {
    const { next, transition } = decide(states.at(-1) ?? before, measurement, policy);
    if (transition !== undefined && i >= decidedBefore) fresh.push(transition);
    states.push(next);
  }
  return { states, transitions: [...correct(before, steps.slice(0, decidedBefore), states, cause), ...fresh] };
}

/** Transitions that turn what was told of the episodes into what is now known of them, in the order of windows. */
function correct(
  before: AlertState,
  steps: readonly FoldStep[],
  states: readonly AlertState[],
  cause: Retrospect,
): Transition[] {
  // A window nobody had decided stood, for who was told, where the one before it stood.
  const told: AlertState[] = [];
  for (const { recorded } of steps) told.push(recorded ?? told.at(-1) ?? before);
  const toldIds = told.map(({ alertId }) => alertId);
  const knownIds = steps.map((_, i) => states[i]!.alertId);
  const corrections: Transition[] = [];
  const raise = (alertId: string, index: number): void => {
    const after =
      states[index]!.alertId === alertId ? states[index]! : states.find((state) => state.alertId === alertId)!;
    corrections.push(transitionOf(steps[index]!.measurement, initialAlertState, { ...after, status: 'firing' }, cause));
  };
  const resolve = (alertId: string, index: number): void => {
    const open: AlertState = { ...initialAlertState, status: 'firing', alertId };
    corrections.push(transitionOf(steps[index]!.measurement, open, { ...initialAlertState, alertId }, cause));
  };
  for (const alertId of new Set([...toldIds, ...knownIds])) {
    if (alertId === '') continue;
    const stoodBefore = before.alertId === alertId;
    const toldOpen = toldIds.at(-1) === alertId;
    const knownOpen = knownIds.at(-1) === alertId;
    const isNews = !toldIds.includes(alertId) && !stoodBefore;
    if (isNews) raise(alertId, knownIds.indexOf(alertId));
    else if (knownOpen && !toldOpen) raise(alertId, toldIds.lastIndexOf(alertId) + 1);
    if (!knownOpen && (toldOpen || isNews)) {
      const neverWas = !knownIds.includes(alertId) && !stoodBefore;
      resolve(alertId, neverWas ? toldIds.indexOf(alertId) : knownIds.lastIndexOf(alertId) + 1);
    }
  }
  return corrections.sort((left, right) => left.windowEndMs - right.windowEndMs);
}
