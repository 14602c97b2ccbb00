import { murmur3 } from './murmur3.js';

describe('murmur3', () => {
  // The engine's `SELECT murmurHash3_32(text)`.
  it.each([
    ['true', 888000370],
    ['false', 3579944471],
    ['', 0],
    ['a', 1009084850],
    ['abc', 3017643002],
    ['prediction-000000000017', 538028176],
    ['Köln', 866521595],
    ['abcé', 3433116993],
    ['abcdé', 3825281041],
    ['日本', 3302619458],
    ['😀', 3199479546],
  ])('hashes %j as the engine does', (text, hash) => {
    expect(murmur3(text)).toBe(hash);
  });
});
