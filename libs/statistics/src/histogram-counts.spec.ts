import { histogramCounts } from './histogram-counts.js';

describe('counts of a histogram', () => {
  it('bins are [a, b), the last one [a, b], and the rest is outside', () => {
    const values = [-Infinity, -0.1, 0, 0.99, 1, 1.5, 2, 2.01, Infinity];
    expect(histogramCounts(values, [0, 1, 2])).toEqual({ counts: [2, 3], outside: 4 });
  });

  it('has nothing to count in an empty sample', () => {
    expect(histogramCounts([], [0, 1])).toEqual({ counts: [0], outside: 0 });
  });
});
