const encoder = new TextEncoder();

/**
 * MurmurHash3 (x86, 32 bit, seed 0) of the text's UTF-8 bytes; the engine's murmurHash3_32 gives the same number, so raw rows
 * and cells can be checked against each other in SQL. Source: Austin Appleby's SMHasher, public domain description.
 */
export function murmur3(text: string): number {
  const { length } = text;
  let hash = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    if ((a | b | c | d) > 0x7f) return hashBytes(encoder.encode(text));
    hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (let j = length - 1; j >= i; j--) {
    const code = text.charCodeAt(j);
    if (code > 0x7f) return hashBytes(encoder.encode(text));
    tail = (tail << 8) | code;
  }
  return finish(i < length ? hash ^ scramble(tail) : hash, length);
}

function hashBytes(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    hash = mix(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  let tail = 0;
  for (let j = length - 1; j >= i; j--) tail = (tail << 8) | bytes[j]!;
  return finish(i < length ? hash ^ scramble(tail) : hash, length);
}

function mix(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(state: number, length: number): number {
  let hash = state ^ length;
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
