import { histogramEdges } from './histogram-edges.js';

describe('edges of a histogram', () => {
  it.each([
    ['sturges' as const, 5],
    ['doane' as const, 5],
    ['fd' as const, 3],
    ['auto' as const, 5],
  ])('%s gives 1…10 as many bins as numpy does', (rule, bins) => {
    const edges = histogramEdges([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], rule);
    expect(edges).toHaveLength(bins + 1);
    expect([edges[0], edges.at(-1)]).toEqual([1, 10]);
  });

  it.each([
    ['nothing', [], [0, 1]],
    ['one value', [7], [6.5, 7.5]],
    ['a constant', [7, 7, 7, 7], [6.5, 7.5]],
  ])('holds %s in one bin by every rule', (_, sample, expected) => {
    for (const rule of ['sturges', 'doane', 'fd', 'auto'] as const)
      expect(histogramEdges(sample, rule)).toEqual(expected);
  });

  it('skewed samples get more bins by Doane than by Sturges', () => {
    const skewed = Array.from({ length: 200 }, (_, i) => 1 / (200 - i));
    expect(histogramEdges(skewed, 'doane').length).toBeGreaterThan(histogramEdges(skewed, 'sturges').length);
  });

  it('counts bins of samples near the largest double, and refuses a range beyond it', () => {
    expect(histogramEdges([1e308, 1.1e308, 1.2e308], 'doane').every(Number.isFinite)).toBe(true);
    expect(() => histogramEdges([-1e308, 1e308], 'sturges')).toThrow(RangeError);
  });

  it('refuses a rule that asks for too many bins', () => {
    const farOut = [...Array.from({ length: 100 }, (_, i) => i * 1e-9), 1e9];
    expect(() => histogramEdges(farOut, 'fd')).toThrow('more than 1000000');
    expect(histogramEdges(farOut, 'auto').length).toBeLessThan(50);
  });
});
