const encoder = new TextEncoder();
/** The prime is 2^88 + 0x13b. */
const PRIME_LOW = 0x13b;

/**
 * Returns 32 hex digits that stand for the parts: the same parts give the same id in every process and at any time, which is
 * what makes deciding twice harmless. 128-bit FNV-1a of the parts as JSON, so that ["a", "bc"] and ["ab", "c"] differ.
 * Not for input that someone may choose in order to collide.
 * Source: Fowler, Noll, Vo; RFC 9923.
 */
export function stableId(...parts: readonly (string | number)[]): string {
  const text = JSON.stringify(parts);
  // Printable ASCII is its own UTF-8.
  const bytes = /[^ -~]/.test(text) ? encoder.encode(text) : undefined;
  const length = bytes?.length ?? text.length;
  // The offset basis in eight numbers of 16 bits, the lowest first: with one BigInt it takes seven times as long.
  let [a, b, c, d, e, f, g, h] = [0xc58d, 0x6295, 0x2175, 0x62b8, 0x0142, 0x07bb, 0x272e, 0x6c62];
  for (let i = 0; i < length; i++) {
    a ^= bytes === undefined ? text.charCodeAt(i) : bytes[i]!;
    // Times 0x13b with the carry of the number below, and from 80 bits up plus itself times 2^88: at most 26 bits.
    const productA = a * PRIME_LOW;
    const productB = b * PRIME_LOW + (productA >>> 16);
    const productC = c * PRIME_LOW + (productB >>> 16);
    const productD = d * PRIME_LOW + (productC >>> 16);
    const productE = e * PRIME_LOW + (productD >>> 16);
    const productF = f * PRIME_LOW + (productE >>> 16) + ((a << 8) & 0xffff);
    const productG = g * PRIME_LOW + (productF >>> 16) + (((b << 8) & 0xffff) | (a >>> 8));
    const productH = h * PRIME_LOW + (productG >>> 16) + (((c << 8) & 0xffff) | (b >>> 8));
    a = productA & 0xffff;
    b = productB & 0xffff;
    c = productC & 0xffff;
    d = productD & 0xffff;
    e = productE & 0xffff;
    f = productF & 0xffff;
    g = productG & 0xffff;
    h = productH & 0xffff;
  }
  return hex(h) + hex(g) + hex(f) + hex(e) + hex(d) + hex(c) + hex(b) + hex(a);
}

function hex(part: number): string {
  return part.toString(16).padStart(4, '0');
}
