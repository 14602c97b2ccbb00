/**
 * Column types that a block can hold. DateTime64(3) takes milliseconds since 1970, DateTime seconds.
 * Maps are `[keys, values]` pairs, tuples of arrays likewise.
 */
export type NativeType =
  | 'String'
  | 'UInt32'
  | 'UInt64'
  | 'Float64'
  | "DateTime('UTC')"
  | "DateTime64(3, 'UTC')"
  | 'Array(Float64)'
  | 'Array(String)'
  | 'Map(String, String)'
  | 'Map(String, Float64)'
  | 'Tuple(Array(UInt16), Array(UInt64))';

/** Bytes that grow by doubling. */
class ByteWriter {
  private buffer = Buffer.allocUnsafe(4096);
  length = 0;

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }
  string(text: string): void {
    // One UTF-16 unit is at most 3 bytes of UTF-8; the length prefix must be known first, so write behind a gap for it.
    const most = text.length * 3;
    if (most < 0x80) {
      this.reserve(most + 1);
      const written = this.buffer.write(text, this.length + 1, 'utf8');
      this.buffer[this.length] = written;
      this.length += written + 1;
      return;
    }
    const size = Buffer.byteLength(text, 'utf8');
    this.varint(size);
    this.reserve(size);
    this.length += this.buffer.write(text, this.length, 'utf8');
  }
  uint16(value: number): void {
    this.reserve(2);
    this.length = this.buffer.writeUInt16LE(value, this.length);
  }
  uint32(value: number): void {
    this.reserve(4);
    this.length = this.buffer.writeUInt32LE(value, this.length);
  }
  /** Whole numbers from 0 to 2^53. */
  uint64(value: number): void {
    this.reserve(8);
    this.buffer.writeUInt32LE(value % 0x1_0000_0000, this.length);
    this.buffer.writeUInt32LE(Math.floor(value / 0x1_0000_0000), this.length + 4);
    this.length += 8;
  }
  float64(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }
  append(other: ByteWriter): void {
    this.reserve(other.length);
    other.buffer.copy(this.buffer, this.length, 0, other.length);
    this.length += other.length;
  }
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

/** A column under construction: `add` takes one value of the column's type. */
interface Column<T> {
  add(value: T): void;
  write(to: ByteWriter): void;
}

function scalar<T>(put: (to: ByteWriter, value: T) => void): Column<T> {
  const values = new ByteWriter();
  return { add: (value) => put(values, value), write: (to) => to.append(values) };
}

/** Arrays are cumulative offsets, then the elements of all rows. */
function array<T>(element: Column<T>): Column<readonly T[]> {
  const offsets = new ByteWriter();
  let total = 0;
  return {
    add(values) {
      for (let i = 0; i < values.length; i++) element.add(values[i]!);
      total += values.length;
      offsets.uint64(total);
    },
    write(to) {
      to.append(offsets);
      element.write(to);
    },
  };
}

/** A map is an array of tuples; a tuple is its columns one after another. */
function map<V>(key: Column<string>, value: Column<V>): Column<readonly [readonly string[], readonly V[]]> {
  const offsets = new ByteWriter();
  let total = 0;
  return {
    add([keys, values]) {
      for (let i = 0; i < keys.length; i++) {
        key.add(keys[i]!);
        value.add(values[i]!);
      }
      total += keys.length;
      offsets.uint64(total);
    },
    write(to) {
      to.append(offsets);
      key.write(to);
      value.write(to);
    },
  };
}

const text = (): Column<string> => scalar((to, value: string) => to.string(value));
const float64 = (): Column<number> => scalar((to, value: number) => to.float64(value));
const uint64 = (): Column<number> => scalar((to, value: number) => to.uint64(value));
const uint32 = (): Column<number> => scalar((to, value: number) => to.uint32(value));

const builders = {
  String: text,
  UInt32: uint32,
  UInt64: uint64,
  Float64: float64,
  "DateTime('UTC')": uint32,
  // The engine stores a signed count of milliseconds; ours are never before 1970.
  "DateTime64(3, 'UTC')": uint64,
  'Array(Float64)': () => array(float64()),
  'Array(String)': () => array(text()),
  'Map(String, String)': () => map(text(), text()),
  'Map(String, Float64)': () => map(text(), float64()),
  'Tuple(Array(UInt16), Array(UInt64))': (): Column<readonly [readonly number[], readonly number[]]> => {
    const indexes = array(scalar((to, value: number) => to.uint16(value)));
    const counts = array(uint64());
    return {
      add([left, right]) {
        indexes.add(left);
        counts.add(right);
      },
      write(to) {
        indexes.write(to);
        counts.write(to);
      },
    };
  },
} satisfies Record<NativeType, () => Column<never>>;

type ValueOf<T extends NativeType> = (typeof builders)[T] extends () => Column<infer V> ? V : never;
export type NativeRow<C extends Record<string, NativeType>> = { readonly [K in keyof C]: ValueOf<C[K]> };

/**
 * A block of rows in ClickHouse's Native format: columns one after another, the cheapest thing the engine can read.
 * Format: varint columns, varint rows, then per column its name, its type and its values.
 */
export class NativeBlock<C extends Record<string, NativeType> = Record<string, NativeType>> {
  private readonly columns: { readonly name: string; readonly type: NativeType; readonly column: Column<unknown> }[];
  rows = 0;

  /** @param columns type per column name; names are ours, never a user's */
  constructor(columns: C) {
    this.columns = Object.entries(columns).map(([name, type]) => ({
      name,
      type,
      column: builders[type](),
    }));
  }

  add(row: NativeRow<C>): void {
    for (let i = 0; i < this.columns.length; i++) {
      const { name, column } = this.columns[i]!;
      column.add(row[name as keyof C]);
    }
    this.rows++;
  }

  /** Column names as they stand in an INSERT. */
  get columnNames(): string {
    return this.columns.map(({ name }) => name).join(', ');
  }

  /** Names and types as the engine's file() table function wants them. */
  get structure(): string {
    return this.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  }

  bytes(): Buffer {
    const writer = new ByteWriter();
    writer.varint(this.columns.length);
    writer.varint(this.rows);
    for (const { name, type, column } of this.columns) {
      writer.string(name);
      writer.string(type);
      column.write(writer);
    }
    return writer.view();
  }
}
