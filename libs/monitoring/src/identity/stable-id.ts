const encoder = new TextEncoder();
const LIMB = 2 ** 32;
/** The prime is 2^88 + 0x13b. */
const PRIME_LOW = 0x13b;
/** The offset basis, 6c62272e07bb014262b821756295c58d, its lowest 32 bits first. */
const OFFSET: [number, number, number, number] = [0x6295c58d, 0x62b82175, 0x07bb0142, 0x6c62272e];

/**
 * Returns 32 hex digits that stand for the parts: the same parts give the same id in every process and at any time, which is
 * what makes deciding twice harmless. 128-bit FNV-1a of the parts as JSON, so that ["a", "bc"] and ["ab", "c"] differ.
 * Not for input that someone may choose in order to collide.
 * Source: Fowler, Noll, Vo; RFC 9923.
 */
export function stableId(...parts: readonly (string | number)[]): string {
  // Four numbers of 32 bits, the lowest first: as one BigInt it takes four times as long.
  let [a, b, c, d] = OFFSET;
  const bytes = encoder.encode(JSON.stringify(parts));
  for (let i = 0; i < bytes.length; i++) {
    a = (a ^ bytes[i]!) >>> 0;
    // Times 0x13b, each limb with the carry of the one below: at most 42 bits, exact in a double.
    const productA = a * PRIME_LOW;
    const productB = b * PRIME_LOW + Math.floor(productA / LIMB);
    const productC = c * PRIME_LOW + Math.floor(productB / LIMB);
    const productD = d * PRIME_LOW + Math.floor(productC / LIMB);
    // Plus itself times 2^88: two limbs and 24 bits up.
    const sumC = (productC >>> 0) + ((a << 24) >>> 0);
    const sumD = (productD >>> 0) + (((b << 24) | (a >>> 8)) >>> 0) + (sumC >= LIMB ? 1 : 0);
    a = productA >>> 0;
    b = productB >>> 0;
    c = sumC >>> 0;
    d = sumD >>> 0;
  }
  return hex(d) + hex(c) + hex(b) + hex(a);
}

function hex(limb: number): string {
  return limb.toString(16).padStart(8, '0');
}
