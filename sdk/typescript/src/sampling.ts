const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/**
 * Returns whether the events of a prediction are sent at a rate from 0 to 1. It depends on the id alone, so that a label is kept exactly
 * when its prediction is, in whichever process and language; what is kept at a rate is kept at every higher one.
 */
export function isSampled(predictionId: string, rate: number): boolean {
  return rate >= 1 || hashOfId(predictionId) < rate * 2 ** 32;
}

/**
 * Returns 32 bits of an id, evenly spread: the CRC-32 of its UTF-8 (fast wherever SDKs run), through the finaliser of MurmurHash3,
 * since a CRC alone maps ids that count upwards to a pattern.
 */
export function hashOfId(predictionId: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(predictionId, 'utf8')) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  let h = (crc ^ 0xffffffff) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
}
