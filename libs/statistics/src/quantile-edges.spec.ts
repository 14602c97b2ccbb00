import { quantileEdges, quantileFromNeighbours, quantilePosition } from './quantile-edges.js';

describe('quantileEdges', () => {
  it.each([
    ['empty', [], 10, []],
    ['single', [4], 10, [4]],
    ['constant', [7, 7, 7], 10, [7]],
    ['one bin', [1, 2, 3], 1, []],
    ['even spread', [0, 1, 2, 3, 4], 4, [1, 2, 3]],
    ['interpolated', [0, 10], 4, [2.5, 5, 7.5]],
    ['ties', [0, 0, 0, 0, 0, 0, 0, 0, 0, 5], 10, [0, 0.5]],
    ['overflowing range', [-Number.MAX_VALUE, Number.MAX_VALUE], 2, [0]],
  ])('%s', (_, sorted, bins, expected) => {
    const edges = quantileEdges(sorted, bins);
    expect(edges).toHaveLength(expected.length);
    edges.forEach((edge, i) => expect(edge).toBeCloseTo(expected[i]!, 14));
  });

  it('needs only the order statistics that quantilePosition names', () => {
    const sorted = Float64Array.from({ length: 1237 }, (_, i) => Math.sinh(i / 100) - 50);
    const fetched = [];
    for (let k = 1; k < 256; k += 1) {
      const { index, t } = quantilePosition(sorted.length, k, 256);
      const lower = sorted[index]!;
      fetched.push(quantileFromNeighbours(lower, t === 0 ? lower : sorted[index + 1]!, t));
    }
    expect(fetched).toEqual(quantileEdges(sorted, 256));
  });
});
