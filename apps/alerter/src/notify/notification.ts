import type { Severity, Transition } from '@plumbline/contracts';

/** One change of one alert, with when its episode began. */
export interface AlertChange {
  readonly transition: Transition;
  /** End of the window in which the alert fired; that of this transition where it fires now. */
  readonly firedAtMs: number;
}

/** A message to a receiver: all that one evaluation of one monitor changed, whatever channel it goes through. */
export interface Notification {
  /** The receiver's key to tell a repetition: the same on every attempt. */
  readonly id: string;
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly receiver: string;
  /** `firing` when at least one of the changes is an alert that fires. */
  readonly status: 'firing' | 'resolved';
  /** The worst of the alerts that fire; "ok" when all are resolved. */
  readonly severity: Severity;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly revision: number;
  /** Worst first, never empty. */
  readonly changes: readonly AlertChange[];
  /** Names of the features in `changes`, worst first; empty when the whole model is meant. */
  readonly features: readonly string[];
  /** When this attempt is made. */
  readonly attemptedAtMs: number;
}

export function isFiring(change: AlertChange): boolean {
  return change.transition.to === 'firing';
}
