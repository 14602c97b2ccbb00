import { chiSquareContingency } from './chi-square-contingency.js';

describe('chiSquareContingency', () => {
  it('pools the categories whose expected count is below five', () => {
    expect(chiSquareContingency([500, 480, 1, 2, 9], [40, 45, 3, 4, 6])).toEqual(
      chiSquareContingency([12, 500, 480], [13, 40, 45]),
    );
  });

  it('lets the smallest other category join a pool that is still too small', () => {
    expect(chiSquareContingency([500, 480, 1], [40, 45, 0])).toEqual(chiSquareContingency([500, 481], [40, 45]));
  });

  it('does not depend on the order of the categories', () => {
    const forward = chiSquareContingency([500, 480, 3, 70], [40, 45, 1, 12]);
    const backward = chiSquareContingency([70, 3, 480, 500], [12, 1, 45, 40]);
    expect(backward.statistic).toBeCloseTo(forward.statistic, 10);
    expect(backward.degreesOfFreedom).toBe(forward.degreesOfFreedom);
  });

  it.each([
    ['one category', [10], [20]],
    ['everything pooled', [1, 2], [2, 1]],
    ['one category in use', [10, 0], [30, 0]],
  ])('%s: nothing can differ', (_, reference, current) => {
    expect(chiSquareContingency(reference, current)).toEqual({
      statistic: 0,
      degreesOfFreedom: 0,
      pValue: 1,
      cramersV: 0,
    });
  });

  it('is undefined for an empty sample', () => {
    expect(chiSquareContingency([0, 0], [3, 4])).toEqual({
      statistic: NaN,
      degreesOfFreedom: 0,
      pValue: NaN,
      cramersV: NaN,
    });
  });

  it('stays finite for a category absent from the reference', () => {
    const { statistic, cramersV } = chiSquareContingency([100, 0], [0, 100]);
    expect(statistic).toBeCloseTo(200, 10);
    expect(cramersV).toBeCloseTo(1, 12);
  });
});
