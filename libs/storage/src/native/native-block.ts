import { giveBuffer, takeBuffer } from './buffer-pool.js';

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

const FIRST_BYTES = 4096;

/** A text up to this length is written character by character while it is ASCII: a call into the runtime costs more. */
const SHORT_TEXT = 40;

/** Bytes that grow by doubling, in memory that is used again: fresh memory costs more than what is written into it. */
class ByteWriter {
  private buffer = takeBuffer(FIRST_BYTES);
  private view = viewOf(this.buffer);
  length = 0;

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return;
    const grown = takeBuffer(Math.max(this.buffer.length * 2, this.length + size));
    this.buffer.copy(grown, 0, 0, this.length);
    giveBuffer(this.buffer);
    this.buffer = grown;
    this.view = viewOf(grown);
  }
  release(): void {
    giveBuffer(this.buffer);
    this.buffer = Buffer.alloc(0);
    this.view = viewOf(this.buffer);
    this.length = 0;
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
    const { length } = text;
    if (length <= SHORT_TEXT && this.ascii(text, length)) return;
    const size = Buffer.byteLength(text, 'utf8');
    this.varint(size);
    this.reserve(size);
    this.length += this.buffer.write(text, this.length, 'utf8');
  }
  /** Whether the text was all ASCII, and is now written. */
  private ascii(text: string, length: number): boolean {
    this.reserve(length + 1);
    const { buffer } = this;
    const start = this.length + 1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[start + i] = code;
    }
    buffer[this.length] = length;
    this.length = start + length;
    return true;
  }
  uint16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }
  uint32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }
  /** Whole numbers from 0 to 2^53. */
  uint64(value: number): void {
    this.reserve(8);
    this.view.setUint32(this.length, value % 0x1_0000_0000, true);
    this.view.setUint32(this.length + 4, Math.floor(value / 0x1_0000_0000), true);
    this.length += 8;
  }
  float64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }
  /** What stands at an index in each of the lists. */
  float64Across(lists: readonly ArrayLike<number>[], index: number): void {
    const { length } = lists;
    this.reserve(8 * length);
    const { view } = this;
    let at = this.length;
    for (let i = 0; i < length; i++, at += 8) view.setFloat64(at, lists[i]![index]!, true);
    this.length = at;
  }
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** A column under construction: `add` takes one value of the column's type. */
export interface Column<T> {
  add(value: T): void;
  /** Adds what stands at an index in each of the lists. */
  addEach?(lists: readonly ArrayLike<T>[], index: number): void;
  /** What the column is written into, in the order in which the format has it. */
  parts(): ByteWriter[];
}

/** One class per type, so that the engine of JavaScript sees one call target per column and inlines it. */
class TextColumn implements Column<string> {
  private readonly values = new ByteWriter();
  add(value: string): void {
    this.values.string(value);
  }
  parts(): ByteWriter[] {
    return [this.values];
  }
}
class Float64Column implements Column<number> {
  private readonly values = new ByteWriter();
  add(value: number): void {
    this.values.float64(value);
  }
  addEach(lists: readonly ArrayLike<number>[], index: number): void {
    this.values.float64Across(lists, index);
  }
  parts(): ByteWriter[] {
    return [this.values];
  }
}
class UInt64Column implements Column<number> {
  private readonly values = new ByteWriter();
  add(value: number): void {
    this.values.uint64(value);
  }
  parts(): ByteWriter[] {
    return [this.values];
  }
}
class UInt32Column implements Column<number> {
  private readonly values = new ByteWriter();
  add(value: number): void {
    this.values.uint32(value);
  }
  parts(): ByteWriter[] {
    return [this.values];
  }
}
class UInt16Column implements Column<number> {
  private readonly values = new ByteWriter();
  add(value: number): void {
    this.values.uint16(value);
  }
  parts(): ByteWriter[] {
    return [this.values];
  }
}

/** A column of arrays: cumulative offsets, then the elements of all rows. */
class ArrayColumn<T> implements Column<ArrayLike<T>> {
  private readonly offsets = new ByteWriter();
  private total = 0;

  constructor(private readonly element: Column<T>) {}

  add(values: ArrayLike<T>): void {
    for (let i = 0; i < values.length; i++) this.element.add(values[i]!);
    this.endRow(values.length);
  }
  /** Adds the array of what stands at an index in each of the lists: a row of values that are held by column. */
  addAcross(lists: readonly ArrayLike<T>[], index: number): void {
    if (this.element.addEach !== undefined) this.element.addEach(lists, index);
    else for (let i = 0; i < lists.length; i++) this.element.add(lists[i]![index]!);
    this.endRow(lists.length);
  }
  parts(): ByteWriter[] {
    return [this.offsets, ...this.element.parts()];
  }
  private endRow(elements: number): void {
    this.total += elements;
    this.offsets.uint64(this.total);
  }
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
    parts: () => [offsets, ...key.parts(), ...value.parts()],
  };
}

const text = (): Column<string> => new TextColumn();
const float64 = (): Column<number> => new Float64Column();
const uint64 = (): Column<number> => new UInt64Column();
const uint32 = (): Column<number> => new UInt32Column();

const builders = {
  String: text,
  UInt32: uint32,
  UInt64: uint64,
  Float64: float64,
  "DateTime('UTC')": uint32,
  // The engine stores a signed count of milliseconds; ours are never before 1970.
  "DateTime64(3, 'UTC')": uint64,
  'Array(Float64)': () => new ArrayColumn(float64()),
  'Array(String)': () => new ArrayColumn(text()),
  'Map(String, String)': () => map(text(), text()),
  'Map(String, Float64)': () => map(text(), float64()),
  'Tuple(Array(UInt16), Array(UInt64))': (): Column<readonly [readonly number[], readonly number[]]> => {
    const indexes = new ArrayColumn(new UInt16Column());
    const counts = new ArrayColumn(uint64());
    return {
      add([left, right]) {
        indexes.add(left);
        counts.add(right);
      },
      parts: () => [...indexes.parts(), ...counts.parts()],
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
  /** For the ingest path: give every column its value, then call `endRow`. */
  readonly columns: { readonly [K in keyof C]: ReturnType<(typeof builders)[C[K]]> };
  private readonly ordered: readonly {
    readonly name: string;
    readonly type: NativeType;
    readonly column: Column<never>;
  }[];
  rows = 0;

  /** @param types type per column name; names are ours, never a user's */
  constructor(types: C) {
    this.ordered = Object.entries(types).map(([name, type]) => ({
      name,
      type,
      column: builders[type](),
    }));
    this.columns = Object.fromEntries(this.ordered.map(({ name, column }) => [name, column])) as typeof this.columns;
  }

  endRow(): void {
    this.rows++;
  }

  /** Adds a row given as an object; costs the object. */
  add(row: NativeRow<C>): void {
    for (const { name, column } of this.ordered) column.add(row[name as keyof C] as never);
    this.rows++;
  }

  /** Column names as they stand in an INSERT. */
  get columnNames(): string {
    return this.ordered.map(({ name }) => name).join(', ');
  }

  /** Names and types as the engine's file() table function wants them. */
  get structure(): string {
    return this.ordered.map(({ name, type }) => `${name} ${type}`).join(', ');
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks());
  }

  /** The bytes in pieces, which hold until `release`. */
  chunks(): Buffer[] {
    const chunks: Buffer[] = [varints(this.ordered.length, this.rows)];
    for (const { name, type, column } of this.ordered) {
      chunks.push(text8(name), text8(type), ...column.parts().map((part) => part.bytes()));
    }
    return chunks;
  }

  /** Gives the memory back. The block is empty afterwards, and of no use. */
  release(): void {
    for (const { column } of this.ordered) for (const part of column.parts()) part.release();
    this.rows = 0;
  }
}

/** Column names and types are short. */
function text8(text: string): Buffer {
  return Buffer.from(`${String.fromCharCode(text.length)}${text}`, 'latin1');
}

function varints(...values: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}
