/** Header of a record that stands for one that could not be inflated; its value says why. The record itself has no value. */
export const REFUSED_HEADER = 'plumbline-refused';

/** Of a record batch up to the first record: fixed by the format, version 2. */
const HEADER_BYTES = 61;
const BYTES_BEFORE_LENGTH_COUNTS = 12;
const MAGIC_AT = 16;
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;

/**
 * Records in the place of those in a batch that must not be inflated: as many, without key and value, with a header that says
 * why. The batch cannot be skipped: kafkajs asks for its content before it says where it lies.
 * @param compressed the compressed records, as a view of the fetched bytes: the header of the batch lies in front of it
 * @returns undefined when there is no header of a record batch in front
 */
export function refusedRecords(compressed: Buffer, reason: string): Buffer | undefined {
  const start = compressed.byteOffset - HEADER_BYTES;
  if (start < 0) return undefined;
  const header = Buffer.from(compressed.buffer, start, HEADER_BYTES);
  const length = header.readInt32BE(8);
  if (header.readInt8(MAGIC_AT) !== 2 || length !== HEADER_BYTES - BYTES_BEFORE_LENGTH_COUNTS + compressed.length) {
    return undefined;
  }
  const count = header.readInt32BE(COUNT_AT);
  const lastOffsetDelta = header.readInt32BE(LAST_OFFSET_DELTA_AT);
  return Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      // A compacted batch has fewer records than offsets. The last one must be in its place: reading goes on behind it.
      emptyRecord(index === count - 1 ? lastOffsetDelta : index, reason),
    ),
  );
}

/** A record: length, attributes, time delta 0, offset delta, no key, no value, one header. */
function emptyRecord(offsetDelta: number, reason: string): Buffer {
  const none = varint(-1);
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(0),
    varint(offsetDelta),
    none,
    none,
    varint(1),
    text(REFUSED_HEADER),
    text(reason),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** A 32-bit integer in zigzag form, seven bits a byte. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
