import type { SeriesPoint } from '@plumbline/contracts';
import { performanceBounds } from './performance-bounds.js';

const pointOf = (value: number, effect: number): SeriesPoint =>
  ({ value, effect, thresholdWarning: 0.05, thresholdCritical: 0.1 }) as SeriesPoint;

it.each([
  ['accuracy, where less is worse', 'accuracy', 0.74, 0.075, 0.8, [0.8, 0.76, 0.72]],
  ['accuracy, by what the effect says', 'accuracy', 0.76, 0.05, undefined, [0.8, 0.76, 0.72]],
  ['an error, where more is worse', 'rmse', 11, 0.1, 10, [10, 10.5, 11]],
  ['an error, by what the effect says', 'rmse', 11, 0.1, undefined, [10, 10.5, 11]],
  ['a value that is not known', 'accuracy', NaN, NaN, undefined, [NaN, NaN, NaN]],
  ['a bias, whose bounds are relative to another metric', 'bias', 1, 0.1, 0.5, [0.5, NaN, NaN]],
  ['what is no metric', 'psi.decile', 1, 0.1, 0.5, [NaN, NaN, NaN]],
])('returns the bounds of %s', (_, metric, value, effect, stored, expected) => {
  const {
    reference = NaN,
    warningAt = NaN,
    criticalAt = NaN,
  } = performanceBounds(metric, pointOf(value, effect), stored);
  [reference, warningAt, criticalAt].forEach((bound, index) =>
    Number.isNaN(expected[index]) ? expect(bound).toBeNaN() : expect(bound).toBeCloseTo(expected[index]!, 12),
  );
});
