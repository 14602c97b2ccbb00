import { coalesce } from './coalesce.js';

describe('coalesce', () => {
  it.each([
    [
      [1, 2, 3, 4, 5],
      [1, 3],
      [3, 7, 5],
    ],
    [[1, 2, 3, 4, 5], [], [15]],
    [
      [1, 2, 3, 4, 5],
      [0, 1, 2, 3],
      [1, 2, 3, 4, 5],
    ],
    [[9], [], [9]],
  ])('merges %j at edges %j into %j', (counts, indexes, expected) => {
    expect(coalesce(counts, indexes)).toEqual(expected);
  });

  it.each([[[4]], [[2, 1]], [[1, 1]], [[-1]]])('refuses edge indexes %j of four edges', (indexes) => {
    expect(() => coalesce([1, 2, 3, 4, 5], indexes)).toThrow(RangeError);
  });
});
