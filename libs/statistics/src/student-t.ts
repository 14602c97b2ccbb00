import { normalSurvival } from './normal.js';
import { regularizedBeta } from './regularized-beta.js';

/** Above, Student's distribution is the normal one to within 1e-13 relative where either is above 1e-30. */
const PRACTICALLY_NORMAL = 1e15;

/**
 * Returns the probability that Student's t with `degreesOfFreedom` > 0 (any real number, or Infinity) exceeds t, accurate in the far tail.
 *
 * NaN for NaN. Same as `scipy.stats.t.sf`.
 */
export function studentSurvival(t: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom > PRACTICALLY_NORMAL) return normalSurvival(t);
  const square = t * t;
  const sum = degreesOfFreedom + square;
  const tail =
    square === Infinity ? 0 : regularizedBeta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / sum, square / sum) / 2;
  return t < 0 ? 1 - tail : tail;
}
