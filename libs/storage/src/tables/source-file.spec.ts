import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileFormat } from '@plumbline/contracts';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { z } from 'zod';
import { testDatabaseOf, dropTestDatabases } from '../../../../test/support/clickhouse-server.js';
import { migrate } from '../migrate.js';
import { defineQuery } from '../query.js';
import { Store } from '../store.js';
import { describeSourceFile, summarizeCategories, summarizeNumbers } from './reference-source.js';
import { withSourceFile } from './source-file.js';

const listUploads = defineQuery({
  name: 'list uploads',
  sql: "SELECT name FROM system.tables WHERE startsWith(name, 'reference_upload_')",
  params: z.object({}),
  row: z.object({ name: z.string() }),
});

/** A column that tries to leave its quotes. */
const HOSTILE = 'a`) ENGINE = Null; DROP TABLE label; -- \\';

describe('withSourceFile on a server', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-source-'));
    store = await Store.open({ dataDir, ...(await testDatabaseOf(dataDir)) });
    await migrate(store, Date.UTC(2026, 0, 1));
  });
  afterAll(async () => {
    await store.close();
    await dropTestDatabases();
    await rm(dataDir, { recursive: true, force: true });
  });

  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(dataDir, name);
    await writeFile(path, content);
    return path;
  };

  it.each<[FileFormat, (path: string) => Promise<string>]>([
    [
      'csv',
      async (name) =>
        file(
          name,
          `"${HOSTILE}",city\n${Array.from({ length: 5_000 }, (_, i) => `${i},"Ulm, ""${i % 2}"""`).join('\n')}\n`,
        ),
    ],
    [
      'ndjson',
      async (name) =>
        file(
          name,
          Array.from({ length: 5_000 }, (_, i) => JSON.stringify({ [HOSTILE]: i, city: `Ulm, "${i % 2}"` })).join('\n'),
        ),
    ],
    [
      'parquet',
      async (name) =>
        file(
          name,
          new Uint8Array(
            parquetWriteBuffer({
              columnData: [
                { name: HOSTILE, data: Array.from({ length: 5_000 }, (_, i) => i), type: 'DOUBLE' },
                { name: 'city', data: Array.from({ length: 5_000 }, (_, i) => `Ulm, "${i % 2}"`), type: 'STRING' },
              ],
              rowGroupSize: 1_000,
            }),
          ),
        ),
    ],
  ])('reads a %s file as the embedded engine does, whatever its columns are called', async (format, write) => {
    await withSourceFile(store, await write(`file.${format}`), format, async (source) => {
      expect(await describeSourceFile(store, source)).toEqual([
        { name: HOSTILE, kind: 'numeric' },
        { name: 'city', kind: 'categorical' },
      ]);
      expect(await summarizeNumbers(store, source, HOSTILE)).toMatchObject({
        rows: 5_000,
        min: 0,
        max: 4_999,
        mean: 2_499.5,
      });
      expect(await summarizeCategories(store, source, 'city', 5)).toMatchObject({
        rows: 5_000,
        categories: [
          { category: 'Ulm, "0"', n: 2_500 },
          { category: 'Ulm, "1"', n: 2_500 },
        ],
      });
    });
    expect(await store.query(listUploads, {})).toEqual([]);
  });

  it('names the row at fault, beyond what it took the types from, and leaves nothing behind', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i === 29_000 ? 'many' : i}`);
    const path = await file('bad.csv', `age\n${rows.join('\n')}\n`);
    await expect(withSourceFile(store, path, 'csv', async () => undefined)).rejects.toMatchObject({
      name: 'UnreadableSourceError',
      column: 'age',
    });
    expect(await store.query(listUploads, {})).toEqual([]);
  });

  it.each<[FileFormat, string]>([
    ['parquet', 'this is no Parquet file'],
    ['parquet', ''],
    ['ndjson', '{"a": '],
    ['csv', ''],
  ])('refuses a damaged %s file (%j)', async (format, content) => {
    const path = await file(`damaged.${format}`, content);
    await expect(withSourceFile(store, path, format, async () => undefined)).rejects.toMatchObject({
      name: 'UnreadableSourceError',
    });
    expect(await store.query(listUploads, {})).toEqual([]);
  });
});
