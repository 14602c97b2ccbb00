const encoder = new TextEncoder();

/**
 * MurmurHash3 (x86, 32 bit, seed 0) of the text's UTF-8 bytes; the engine's murmurHash3_32 gives the same number, so raw rows
 * and cells can be checked against each other in SQL. Source: Austin Appleby's SMHasher, public domain description.
 */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  const length = bytes.length;
  let hash = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const block = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash ^= scramble(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let j = length - 1; j >= i; j--) tail = (tail << 8) | bytes[j]!;
  if (i < length) hash ^= scramble(tail);
  hash ^= length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
