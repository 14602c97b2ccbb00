import { murmur3 } from './murmur3.js';

describe('murmur3', () => {
  // The engine's `SELECT murmurHash3_32(text)`.
  it.each([
    ['true', 888000370],
    ['false', 3579944471],
    ['', 0],
  ])('hashes %j as the engine does', (text, hash) => {
    expect(murmur3(text)).toBe(hash);
  });
});
