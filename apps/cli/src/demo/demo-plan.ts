import type { LoanModelVersion } from './loan-model.js';
import type { LoanWorld } from './loan-world.js';

export const DEMO_MODEL = 'loans';
export const DEMO_SEED = 20_260_101;
export const DEMO_DAYS = 14;
export const PREDICTIONS_PER_DAY = 1_500;
export const REFERENCE_ROWS = 5_000;
/** A loan's outcome is known this much later. */
export const LABEL_DELAY_DAYS = 2;
export const DRIFT_DAY = 9;
export const CONCEPT_DAY = 10;
export const DAY_MS = 86_400_000;

/** What the world is like on a day; days count from 1. */
export function worldOfDay(day: number): LoanWorld {
  return { drifted: day >= DRIFT_DAY, conceptChanged: day >= CONCEPT_DAY };
}

/** The world each version was trained in, which its reference shows. */
export function worldOfVersion(version: LoanModelVersion): LoanWorld {
  return version === '1' ? { drifted: false, conceptChanged: false } : { drifted: true, conceptChanged: true };
}

/** Start of day 1, so that the last label of the last day lies in the past: no event is refused for coming from the future. */
export function firstDayMs(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS - (DEMO_DAYS + LABEL_DELAY_DAYS) * DAY_MS;
}
