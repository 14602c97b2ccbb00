const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * 32-bit murmur2 hash of the bytes, signed, as Kafka's Java client computes it (org.apache.kafka.common.utils.Utils.murmur2).
 */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeLength = bytes.length & ~3;
  let hash = SEED ^ bytes.length;
  for (let index = 0; index < wholeLength; index += 4) {
    let k = Math.imul(view.getInt32(index, true), M);
    k = Math.imul(k ^ (k >>> 24), M);
    hash = Math.imul(hash, M) ^ k;
  }
  const rest = bytes.length - wholeLength;
  if (rest > 0) {
    for (let index = rest - 1; index >= 0; index--) hash ^= view.getUint8(wholeLength + index) << (8 * index);
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** Partition of a key, from 0: that of Kafka's default partitioner, so that keys lie together in both adapters. */
export function partitionOfKey(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}
