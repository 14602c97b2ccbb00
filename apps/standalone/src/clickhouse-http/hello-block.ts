/** The revision that is named to clients: below all that add something to a block, so what they read is plain Native. */
export const PLAIN_REVISION = 0;

/**
 * Returns the answer to the first question of the Go client, `SELECT displayName(), version(), revision(), timezone()`, as one
 * block of Native at the client's own revision: block info, then a byte for the kind of serialisation with each column. It names
 * revision 0, so that the client reads plain Native from then on, which is what the embedded engine writes.
 * @param clientRevision `client_protocol_version` of the request
 */
export function helloBlock(clientRevision: number, name: string, version: string, timezone: string): Buffer {
  const parts: Buffer[] = [];
  const byte = (value: number): number => parts.push(Buffer.of(value));
  const text = (value: string): void => {
    const bytes = Buffer.from(value);
    parts.push(varint(bytes.length), bytes);
  };
  if (clientRevision > 0) {
    // Fields of the block info by number: 1 no overflow rows, 2 no bucket (-1), 0 the end.
    parts.push(Buffer.of(1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0));
  }
  byte(4);
  byte(1);
  const column = (title: string, type: string): void => {
    text(title);
    text(type);
    if (clientRevision >= 54_454) byte(0);
  };
  column('displayName()', 'String');
  text(name);
  column('version()', 'String');
  text(version);
  column('revision()', 'UInt32');
  parts.push(Buffer.from(Uint32Array.of(PLAIN_REVISION).buffer));
  column('timezone()', 'String');
  text(timezone);
  return Buffer.concat(parts);
}

/** Of lengths below 2^14. */
function varint(value: number): Buffer {
  return value < 0x80 ? Buffer.of(value) : Buffer.of((value & 0x7f) | 0x80, value >> 7);
}
