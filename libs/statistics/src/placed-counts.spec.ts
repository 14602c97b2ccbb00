import { placeCounts } from './placed-counts.js';

const place = (counts: number[], min: number, max: number, edges: number[], targets: number[], onEdges = false) =>
  placeCounts({ counts, min, max }, edges, targets, onEdges);

describe('placeCounts', () => {
  it('spreads a bin evenly over those it crosses, and says what is certain', () => {
    expect(place([0, 10, 6, 0], 0, 20, [0, 10, 20.1], [5, 10])).toEqual({
      counts: [5, 5, 6],
      fewest: [0, 0, 6],
      most: [10, 10, 6],
    });
  });

  it('loses nothing where the old edges are among the new ones', () => {
    const placed = place([1, 2, 3, 4], 0, 40, [10, 20, 30], [10, 30]);
    expect(placed).toEqual({ counts: [1, 5, 4], fewest: [1, 5, 4], most: [1, 5, 4] });
  });

  it('leaves rows on the lower edges of their bins', () => {
    const placed = place([0, 3, 4], 0, 10, [0, 10], [5], true);
    expect(placed).toEqual({ counts: [3, 4], fewest: [3, 4], most: [3, 4] });
  });

  it('knows that the largest value may stand on the last edge', () => {
    expect(place([0, 2], 0, 10, [0], [10])).toEqual({ counts: [2, 0], fewest: [0, 0], most: [2, 2] });
  });

  it.each([
    ['the widest', -1.7e308, 1.7e308],
    ['the narrowest', 0, 2e-323],
  ])('spreads over %s range there is', (_, min, max) => {
    const { counts } = place([8], min, max, [], [max / 2]);
    expect(counts[0]! + counts[1]!).toBeCloseTo(8, 12);
    expect(counts.every((rows) => rows >= 0)).toBe(true);
  });
});
