import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnBlock } from './column-block.js';
import { contentPrefix } from './content-prefix.js';
import { openCsv } from './read-csv.js';
import { readLines } from './read-lines.js';
import { readNdjson } from './read-ndjson.js';
import { openParquet } from './read-parquet.js';
import { wireBatches } from './wire-batches.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-cli-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function rowsOf(blocks: readonly ColumnBlock[]): unknown[] {
  return blocks.flatMap((block) =>
    Array.from({ length: block.rowCount }, (_, index) => [
      block.rowNumbers?.[index] ?? block.firstRow + index,
      ...[...block.columns].map(([name, values]) => [name, values[index]]),
    ]),
  );
}

it('reads a Parquet file across row groups, in blocks and in order', async () => {
  const count = 25_000;
  const writer = new ByteWriter();
  await parquetWrite({
    writer,
    rowGroupSize: 12_000,
    columnData: [
      { name: 'x', data: Float64Array.from({ length: count }, (_, index) => index / 2), type: 'DOUBLE' },
      {
        name: 'c',
        data: Array.from({ length: count }, (_, index) => (index % 7 === 0 ? null : `c${index % 3}`)),
        type: 'STRING',
      },
      { name: 'at', data: Array.from({ length: count }, (_, index) => new Date(index)), type: 'TIMESTAMP' },
      { name: 'unread', data: new Int32Array(count), type: 'INT32' },
    ],
  });
  const file = await openParquet(await fileOf('a.parquet', writer.getBytes()));
  expect([file.columns, file.rowCount]).toEqual([['x', 'c', 'at', 'unread'], count]);
  const blocks = await collect(file.read(['x', 'c', 'at']));
  const rows = rowsOf(blocks);
  expect(Math.max(...blocks.map((block) => block.rowCount))).toBeLessThanOrEqual(10_000);
  expect(rows.length).toBe(count);
  for (const index of [0, 1, 7, 11_999, 12_000, 24_999]) {
    const c = index % 7 === 0 ? null : `c${index % 3}`;
    expect(rows[index]).toEqual([index + 1, ['x', index / 2], ['c', c], ['at', new Date(index)]]);
  }
  expect(blocks.at(-1)!.progress).toBe(1);
});

it('says that a file is no Parquet', async () => {
  await expect(openParquet(await fileOf('b.parquet', 'hello'))).rejects.toThrow(/b\.parquet is no Parquet file/);
});

it('reads CSV with types by column, quotes, a byte order mark and a row of the wrong width', async () => {
  const path = await fileOf('a.csv', '\ufeffid,n,b,t\n007,1.0,True,"a,\nb"\n008,,False,\nshort\n009,x,True,z\n');
  const file = await openCsv(path);
  expect(file.columns).toEqual(['id', 'n', 'b', 't']);
  const blocks = await collect(
    file.read(
      new Map([
        ['id', 'categorical'],
        ['n', 'numeric'],
      ]),
    ),
  );
  expect(rowsOf(blocks)).toEqual([
    [1, ['id', '007'], ['n', 1], ['b', true], ['t', 'a,\nb']],
    [2, ['id', '008'], ['n', null], ['b', false], ['t', null]],
    [4, ['id', '009'], ['n', 'x'], ['b', true], ['t', 'z']],
  ]);
  expect(blocks[0]!.faults).toEqual([expect.objectContaining({ row: 3, reason: 'wrong_width' })]);
});

it.each([
  ['', /is empty/],
  ['a,b,a\n', /two columns are named "a"/],
])('refuses a CSV that begins with %j', async (content, message) => {
  await expect(openCsv(await fileOf('bad.csv', content))).rejects.toThrow(message);
});

it('reads lines of any length over chunk borders, the last without a newline', async () => {
  const lines = ['a', 'bb'.repeat(40), '', 'ccc', 'd'];
  const path = await fileOf('lines.txt', lines.join('\n'));
  const found: string[] = [];
  for await (const { bytes, ends } of readLines(path, 16)) {
    let start = 0;
    for (const end of ends) {
      found.push(bytes.toString('utf8', start, end));
      start = end + 1;
    }
  }
  expect(found).toEqual(lines);
});

it('reads flat NDJSON; a name that an object lacks is undefined, not inherited', async () => {
  const blocks = await collect(readNdjson(await fileOf('a.ndjson', '{"a":1,"constructor":2}\n\n{"a":2}\n[]\n{oops\n')));
  expect(rowsOf(blocks)).toEqual([
    [1, ['a', 1], ['constructor', 2]],
    [3, ['a', 2], ['constructor', undefined]],
  ]);
  expect(blocks[0]!.faults.map(({ row, reason }) => [row, reason])).toEqual([
    [4, 'not_an_object'],
    [5, 'not_json'],
  ]);
});

it('passes wire-form NDJSON on as it stands, cut at lines', async () => {
  const path = await fileOf('wire.ndjson', '{"a":1}\r\n\n{"b":2}\n{"c":3}');
  const steps = await collect(wireBatches(path, { maxEvents: 2, maxBytes: 1000 }));
  expect(steps.map(({ batch }) => [Buffer.from(batch.content).toString(), batch.rows])).toEqual([
    ['{"a":1}\r\n{"b":2}\n', [1, 3]],
    ['{"c":3}\n', [4]],
  ]);
});

it('makes the same prefix of the same content', async () => {
  expect(await contentPrefix(await fileOf('same.csv', 'a\n'))).toBe('87428fc52280');
});
