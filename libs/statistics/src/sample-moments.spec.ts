import { sampleMoments } from './sample-moments.js';

describe('sampleMoments', () => {
  it.each<[string, number[], number, number]>([
    ['a few numbers', [1, 2, 3, 4], 2.5, Math.sqrt(1.25)],
    ['a constant, exactly', [0.1, 0.1, 0.1], 0.1, 0],
    ['one value', [7], 7, 0],
    ['numbers whose sum overflows', [1.5e308, 1.7e308], 1.6e308, 1e307],
    ['numbers whose squares overflow', [-1e200, 1e200], 0, 1e200],
    ['small numbers beside a large one', [1e16, 1, 1, -1e16], 0.5, Math.SQRT1_2 * 1e16],
    ['−0', [-0, -0], 0, 0],
  ])('of %s', (_, values, mean, std) => {
    const moments = sampleMoments(values);
    expect(Math.abs(moments.mean - mean)).toBeLessThanOrEqual(1e-14 * Math.abs(mean));
    expect(Math.abs(moments.std - std)).toBeLessThanOrEqual(1e-14 * std);
  });

  it('is not defined without values', () => {
    expect(sampleMoments([])).toEqual({ n: 0, mean: NaN, std: NaN });
  });

  it('keeps the digits of values far from 0 about an origin among them', () => {
    const values = [1e9 + 0.25, 1e9 + 0.5, 1e9 + 1];
    expect(sampleMoments(values, 1e9).mean).toBe(1.75 / 3);
    expect(sampleMoments(values, 1e9).std).toBeCloseTo(sampleMoments([0.25, 0.5, 1]).std, 14);
  });
});
