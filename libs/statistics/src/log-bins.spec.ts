import { LOG_BIN_RATIO, logBinQuantile, ZERO_BIN } from './log-bins.js';

const binsOf = (values: readonly number[]) =>
  values.map((value) => ({
    index: value > 0 ? Math.floor(Math.log(value) / Math.log(LOG_BIN_RATIO)) : ZERO_BIN,
    count: 1,
  }));

describe('logBinQuantile', () => {
  it.each([0, 0.01, 0.5, 0.9, 1])('is within 1 %% of the order statistic, q = %p', (q) => {
    const values = Array.from({ length: 100 }, (_, i) => 10 ** ((i - 50) / 4));
    const exact = values[Math.max(1, Math.ceil(q * values.length)) - 1]!;
    expect(Math.abs(logBinQuantile(binsOf(values), q) / exact - 1)).toBeLessThan(0.01);
  });

  it('is 0 where most values are', () => expect(logBinQuantile(binsOf([0, 0, 0, 5]), 0.5)).toBe(0));
  it('is undefined without values', () => expect(logBinQuantile([], 0.5)).toBeNaN());
});
