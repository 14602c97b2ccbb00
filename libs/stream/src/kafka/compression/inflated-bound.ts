/** Largest content of a zstd block, whatever its compressed size. */
const ZSTD_BLOCK_BYTES = 128 * 1024;
const ZSTD_MAGIC = 0xfd2fb528;
const LZ4_MAGIC = 0x184d2204;
const SNAPPY_STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const SNAPPY_STREAM_HEADER_BYTES = 16;

/**
 * Upper bounds of what compressed bytes inflate to, found without inflating them; Infinity for what cannot be read. The libraries
 * that inflate have no bound of their own, and a megabyte can become gigabytes.
 */
export function zstdInflatedBound(bytes: Buffer): number {
  return boundOf(() => {
    let bound = 0;
    for (let at = 0; at < bytes.length;) {
      const magic = bytes.readUInt32LE(at);
      if (magic >>> 4 === 0x184d2a5) {
        at += 8 + bytes.readUInt32LE(at + 4);
        continue;
      }
      if (magic !== ZSTD_MAGIC) return Infinity;
      const descriptor = bytes.readUInt8(at + 4);
      const singleSegment = (descriptor & 0x20) !== 0;
      const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
      const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3]!;
      at += 5 + (singleSegment ? 0 : 1) + dictionaryIdBytes + contentSizeBytes;
      for (let isLast = false; !isLast;) {
        const header = bytes.readUIntLE(at, 3);
        const size = header >>> 3;
        const type = (header >>> 1) & 3;
        isLast = (header & 1) === 1;
        bound += type === 2 ? ZSTD_BLOCK_BYTES : size;
        at += 3 + (type === 1 ? 1 : size);
      }
      if ((descriptor & 4) !== 0) at += 4;
    }
    return bound;
  });
}

/** As `zstdInflatedBound`, of LZ4 frames. */
export function lz4InflatedBound(bytes: Buffer): number {
  return boundOf(() => {
    let bound = 0;
    for (let at = 0; at < bytes.length;) {
      if (bytes.readUInt32LE(at) !== LZ4_MAGIC) return Infinity;
      const flags = bytes.readUInt8(at + 4);
      const blockBytes = 1 << (8 + 2 * ((bytes.readUInt8(at + 5) >>> 4) & 7));
      at += 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
      for (;;) {
        const header = bytes.readUInt32LE(at);
        at += 4;
        if (header === 0) break;
        const size = header & 0x7fffffff;
        bound += header >>> 31 === 1 ? size : blockBytes;
        at += size + ((flags & 0x10) !== 0 ? 4 : 0);
      }
      if ((flags & 4) !== 0) at += 4;
    }
    return bound;
  });
}

/** The inflated size of Snappy: a block, or the stream of blocks that Java writes. Infinity for what cannot be read. */
export function snappyInflatedSize(bytes: Buffer): number {
  return boundOf(() => {
    let size = 0;
    for (const block of snappyBlocks(bytes)) size += readVarint(block);
    return size;
  });
}

/** The blocks of Snappy data: one, or those in the framing of Java's SnappyOutputStream. */
export function* snappyBlocks(bytes: Buffer): Generator<Buffer> {
  if (!bytes.subarray(0, SNAPPY_STREAM_MAGIC.length).equals(SNAPPY_STREAM_MAGIC)) {
    yield bytes;
    return;
  }
  for (let at = SNAPPY_STREAM_HEADER_BYTES; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}

function readVarint(bytes: Buffer): number {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes.readUInt8(index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  return Infinity;
}

/** Reading past the end throws: then the data is not what it says. */
function boundOf(read: () => number): number {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS') return Infinity;
    throw error;
  }
}
