const PRIME = 0x0000000001000000000000000000013bn;
const OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const encoder = new TextEncoder();

/**
 * Returns 32 hex digits that stand for the parts: the same parts give the same id in every process and at any time, which is
 * what makes deciding twice harmless. 128-bit FNV-1a of the parts as JSON, so that ["a", "bc"] and ["ab", "c"] differ.
 * Not for input that someone may choose in order to collide.
 * Source: Fowler, Noll, Vo; RFC 9923.
 */
export function stableId(...parts: readonly (string | number)[]): string {
  let hash = OFFSET;
  for (const byte of encoder.encode(JSON.stringify(parts))) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
  return hash.toString(16).padStart(32, '0');
}
