import { randomFillSync } from 'node:crypto';

/** Random bytes are fetched for many ids at once: asking the system for each would cost more than all the rest. */
const POOL_BYTES = 4096;
const BYTES_PER_ID = 10;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** Returns a UUID of version 7 (RFC 9562) for a time in milliseconds since 1970. */
export function uuidV7(timeMs: number): string {
  if (used + BYTES_PER_ID > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const id = uuidV7Of(timeMs, pool, used);
  used += BYTES_PER_ID;
  return id;
}

/** Returns the UUID of version 7 made of a time and ten random bytes that start at `from`. */
export function uuidV7Of(timeMs: number, random: Uint8Array, from = 0): string {
  const time = Math.trunc(timeMs).toString(16).padStart(12, '0');
  const hex = (i: number): string => HEX[random[from + i]!]!;
  const version = HEX[0x70 | (random[from]! & 0x0f)]!;
  const variant = HEX[0x80 | (random[from + 2]! & 0x3f)]!;
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-${version}${hex(1)}-${variant}${hex(3)}-` +
    `${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`
  );
}
