import { type AlertState, isOpen, type Measurement, type Severity, type Transition } from '@plumbline/contracts';
import { initialAlertState } from './initial-alert-state.js';
import { type Retrospect, transitionOf } from './transition-of.js';

/** An alert that those who were told of it take for open. */
export interface ToldEpisode {
  readonly alertId: string;
  readonly severity: Severity;
}

/**
 * Returns the transitions that make what was told of a series what is known of it. Needed after a stop between the telling and the
 * record of what was told: if late data then leads to another decision, the record knows nothing that would have to be corrected.
 * @param measurement of the last window of the series
 * @param known how the series stands after it
 * @param told alerts of the series that are open for those who were told, before `news`
 * @param news what is about to be told, in the order of windows
 */
export function correctTold(
  measurement: Measurement,
  known: AlertState,
  told: readonly ToldEpisode[],
  news: readonly Transition[],
  cause: Retrospect,
): Transition[] {
  const open = new Map(told.map(({ alertId, severity }) => [alertId, severity]));
  for (const { alertId, to, severity } of news) {
    if (isOpen(to)) open.set(alertId, severity);
    else open.delete(alertId);
  }
  const knownId = isOpen(known.status) ? known.alertId : '';
  const closed = { ...initialAlertState };
  const corrections: Transition[] = [];
  for (const [alertId, severity] of open) {
    if (alertId === '' || alertId === knownId) continue;
    const firing = { ...initialAlertState, status: 'firing', severity, alertId } as const;
    corrections.push(transitionOf(measurement, firing, { ...closed, alertId }, cause));
  }
  if (knownId !== '' && !open.has(knownId))
    corrections.push(transitionOf(measurement, closed, { ...known, status: 'firing' }, cause));
  return corrections;
}
