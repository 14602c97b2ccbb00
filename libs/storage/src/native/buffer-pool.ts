/** Memory that the pool keeps for later, at most. */
const MAX_POOLED_BYTES = 64 * 1024 * 1024;

const free = new Map<number, Buffer[]>();
let pooledBytes = 0;

/** Returns a buffer of at least so many bytes, with anything in it. */
export function takeBuffer(size: number): Buffer {
  const length = 2 ** Math.ceil(Math.log2(Math.max(size, 1)));
  const pooled = free.get(length)?.pop();
  if (pooled === undefined) return Buffer.allocUnsafeSlow(length);
  pooledBytes -= length;
  return pooled;
}

/** Takes a buffer back; who gives it does not use it any more. */
export function giveBuffer(buffer: Buffer): void {
  const { length } = buffer;
  // Only what takeBuffer made has such a length, and fits again.
  if (length === 0 || (length & (length - 1)) !== 0 || pooledBytes + length > MAX_POOLED_BYTES) return;
  const list = free.get(length);
  if (list === undefined) free.set(length, [buffer]);
  else list.push(buffer);
  pooledBytes += length;
}
