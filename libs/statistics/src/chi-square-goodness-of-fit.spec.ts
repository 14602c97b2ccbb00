import { chiSquareGoodnessOfFit } from './chi-square-goodness-of-fit.js';

describe('chiSquareGoodnessOfFit', () => {
  // scipy.stats.chisquare([43, 52, 54, 40], [378, 472, 503, 350] scaled to 189 rows)
  it('is scipy’s where nothing is pooled', () => {
    const { statistic, pValue, degreesOfFreedom, cohensW } = chiSquareGoodnessOfFit(
      [378, 472, 503, 350],
      [43, 52, 54, 40],
    );
    expect(statistic).toBeCloseTo(0.12304474715757188, 13);
    expect(pValue).toBeCloseTo(0.9889353268796016, 13);
    expect(degreesOfFreedom).toBe(3);
    expect(cohensW).toBeCloseTo(Math.sqrt(0.12304474715757188 / 189), 14);
  });

  it('pools what the reference does not know, and stays finite', () => {
    expect(chiSquareGoodnessOfFit([50, 50, 0], [50, 40, 10])).toMatchObject({
      degreesOfFreedom: 1,
      statistic: 0,
    });
    expect(chiSquareGoodnessOfFit([50, 50], [0, 0])).toMatchObject({ statistic: NaN, pValue: NaN });
  });

  it('is infinite, as its definition is, where nothing may be pooled', () => {
    expect(chiSquareGoodnessOfFit([50, 50, 0], [50, 40, 10], 0)).toMatchObject({ statistic: Infinity, pValue: 0 });
  });

  it('does not depend on the order of the categories', () => {
    const one = chiSquareGoodnessOfFit([1, 1, 30, 40, 2], [0, 3, 30, 20, 9]);
    expect(chiSquareGoodnessOfFit([2, 40, 1, 30, 1], [9, 20, 3, 30, 0])).toEqual(one);
  });

  it('says 0 where there is one category, and refuses unaligned counts', () => {
    expect(chiSquareGoodnessOfFit([9], [4])).toEqual({ statistic: 0, degreesOfFreedom: 0, pValue: 1, cohensW: 0 });
    expect(() => chiSquareGoodnessOfFit([1, 2], [1])).toThrow(RangeError);
  });
});
