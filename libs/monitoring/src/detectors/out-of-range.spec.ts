import type { ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData } from '../windows/window-data.js';
import { outOfRange } from './out-of-range.js';

const outside = (reference: Partial<ReferenceSeries>, current: Partial<SeriesData>): number =>
  outOfRange(
    { min: 0, max: 10, ...reference } as ReferenceSeries,
    { n: current.counts!.reduce((sum, n) => sum + n, 0), min: 0, max: 10, ...current } as SeriesData,
  );

describe('outOfRange', () => {
  it.each([
    [
      'outer bins without reference rows hold what is outside',
      [0, 50, 50, 0],
      { counts: [3, 40, 40, 4], min: -1, max: 12 },
      7,
    ],
    ['mixed outer bins: the extremes tell of one each', [50, 50], { counts: [40, 40], min: -1, max: 12 }, 2],
    ['inside', [50, 50], { counts: [40, 40] }, 0],
    ['one bin only', [100], { counts: [80], min: -1 }, 1],
    ['no value', [0, 100, 0], { counts: [0, 0, 0], min: Infinity, max: -Infinity }, 0],
  ])('%s', (_, counts, current, expected) => {
    expect(outside({ counts }, current)).toBe(expected);
  });
});
