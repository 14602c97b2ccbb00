import { binIndex } from './bin-index.js';

describe('binIndex', () => {
  it.each([
    [[], 5, 0],
    [[1], 0.999, 0],
    [[1], 1, 1],
    [[1, 2, 3], -Infinity, 0],
    [[1, 2, 3], 2, 2],
    [[1, 2, 3], 2.5, 2],
    [[1, 2, 3], 3, 3],
    [[1, 2, 3], Infinity, 3],
    [[-0.5, 0], -0, 2],
  ])('with edges %j puts %p in bin %p: [a, b)', (edges, value, expected) => {
    expect(binIndex(edges, value)).toBe(expected);
  });
});
