import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DamagedPart } from './damaged-parts.js';
import { migrate } from './migrate.js';
import { defineCommand, defineQuery } from './query.js';
import { integer } from './row-types.js';
import { Store } from './store.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const sumVersions = defineQuery({
  name: 'sum versions',
  sql: 'SELECT count() AS n, sum(length(prediction_id)) AS total FROM label',
  params: z.object({}),
  row: z.object({ n: integer, total: integer }),
});
const mergeLabels = defineCommand({ name: 'merge', sql: 'OPTIMIZE TABLE label FINAL', params: z.object({}) });
const countSetAside = defineQuery({
  name: 'count set aside',
  sql: "SELECT count() AS n FROM system.detached_parts WHERE table = 'label'",
  params: z.object({}),
  row: z.object({ n: integer }),
});
const pathsOfParts = defineQuery({
  name: 'select paths',
  sql: "SELECT path FROM system.parts WHERE table = 'label' AND active ORDER BY name",
  params: z.object({}),
  row: z.object({ path: z.string() }),
});

/** @embedded-only */
describe('a data folder with a damaged part', () => {
  let dataDir: string;
  let partDir: string;
  let store: Store | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-damaged-'));
    const store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    for (const id of ['first', 'last']) {
      const row = { project: 'p', model: 'm', prediction_id: id, label: 'x', value: 0, weight: 1, version: 1 };
      const at = '2026-01-01 00:00:00.000';
      await store.insert('label', [{ ...row, timestamp: at, received_at: at }], id);
    }
    partDir = (await store.query(pathsOfParts, {})).at(-1)!.path;
    await store.close();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Opens with consent, and says what was moved. */
  const accept = async (): Promise<DamagedPart[]> => {
    store = await Store.open({ dataDir, database: 'plumbline', acceptDamage: true });
    expect(await store.query(sumVersions, {})).toEqual([{ n: 1, total: 'first'.length }]);
    await store.close();
    return [...store.damagedParts];
  };

  it('is refused with table, part and what to do when files are cut short, at every start until it is accepted', async () => {
    await truncate(join(partDir, 'data.bin'), 5);
    for (let start = 0; start < 2; start++) {
      await expect(Store.open({ dataDir, database: 'plumbline' })).rejects.toMatchObject({
        name: 'StorageError',
        reason: 'damaged',
        retryable: false,
        message: expect.stringMatching(
          /part all_2_2_0 of table label .*restore the data folder from a backup.*ACCEPT_DAMAGE=true/,
        ) as unknown,
      });
    }
    const [moved, ...others] = await accept();
    expect(others).toEqual([]);
    expect(moved).toMatchObject({ table: 'label', part: 'all_2_2_0' });
    expect(existsSync(join(moved!.path, 'data.bin'))).toBe(true);
    expect(await readdir(join(dataDir, 'damaged'))).toHaveLength(1);
    // What was moved is not asked about again.
    store = await Store.open({ dataDir, database: 'plumbline' });
  });

  it('is no loss where a merge had replaced the part before, as a kill in the middle of its removal leaves it', async () => {
    const copy = join(dataDir, 'copy');
    await cp(partDir, copy, { recursive: true });
    store = await Store.open({ dataDir, database: 'plumbline' });
    await store.command(mergeLabels, {});
    await store.close();
    await rm(partDir, { recursive: true, force: true });
    await cp(copy, partDir, { recursive: true });
    for (const file of ['columns.txt', 'data.bin']) await rm(join(partDir, file));
    // Whenever the engine looks at it: at this start, or behind it and met at the next.
    await (await Store.open({ dataDir, database: 'plumbline' })).close();
    store = await Store.open({ dataDir, database: 'plumbline' });
    expect(store.damagedParts).toEqual([]);
    expect(await store.query(sumVersions, {})).toEqual([{ n: 2, total: 'firstlast'.length }]);
    expect(await store.query(countSetAside, {})).toEqual([{ n: 0 }]);
  });

  describe('of a merge that did not end', () => {
    const inserts = ['1', '2', '3'].map((value) =>
      defineCommand({
        name: 'insert',
        sql: `INSERT INTO merged VALUES ('2026-01-01', ${value})`,
        params: z.object({}),
      }),
    );
    const merge = defineCommand({ name: 'merge', sql: 'OPTIMIZE TABLE merged FINAL', params: z.object({}) });
    const partPaths = defineQuery({
      name: 'select paths of merged',
      sql: "SELECT name, path FROM system.parts WHERE table = 'merged' AND active ORDER BY name",
      params: z.object({}),
      row: z.object({ name: z.string(), path: z.string() }),
    });
    const sum = defineQuery({
      name: 'sum merged',
      sql: 'SELECT sum(value) AS total FROM merged',
      params: z.object({}),
      row: z.object({ total: integer }),
    });
    let folder: string;
    /** Folders of the parts of single inserts, kept aside. */
    let sources: string;

    /** Three inserts and their merge; then the folder of the table is empty, and `sources` and `whole` have all parts. */
    beforeEach(async () => {
      store = await Store.open({ dataDir, database: 'plumbline' });
      await store.command(
        defineCommand({
          name: 'create',
          sql: 'CREATE TABLE merged (day Date, value Int64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(day) ORDER BY value',
          params: z.object({}),
        }),
        {},
      );
      for (const insert of inserts) await store.command(insert, {});
      const parts = await store.query(partPaths, {});
      expect(parts.map(({ name }) => name)).toEqual(['20260101_1_1_0', '20260101_2_2_0', '20260101_3_3_0']);
      folder = join(parts[0]!.path, '..');
      sources = join(dataDir, 'sources');
      for (const { name, path } of parts) await cp(path, join(sources, name), { recursive: true });
      await store.command(merge, {});
      const [whole, ...others] = await store.query(partPaths, {});
      expect([whole!.name, others]).toEqual(['20260101_1_3_1', []]);
      await cp(whole!.path, join(sources, whole!.name), { recursive: true });
      await store.close();
      store = undefined;
      for (const part of await readdir(folder)) {
        if (part.startsWith('2026')) await rm(join(folder, part), { recursive: true });
      }
    });

    const lay = async (...parts: string[]): Promise<void> => {
      for (const part of parts) await cp(join(sources, part), join(folder, part), { recursive: true });
    };
    const empty = async (part: string): Promise<void> => {
      for (const file of await readdir(join(folder, part))) await truncate(join(folder, part, file), 0);
    };
    const totalAfterStart = async (): Promise<number> => {
      // Whenever the engine looks at it: at this start, or behind it and met at the next.
      await (await Store.open({ dataDir, database: 'plumbline' })).close();
      store = await Store.open({ dataDir, database: 'plumbline' });
      expect(store.damagedParts).toEqual([]);
      return (await store.query(sum, {}))[0]!.total;
    };

    it('is no loss beside the parts that it was made of', async () => {
      await lay('20260101_1_1_0', '20260101_2_2_0', '20260101_3_3_0', '20260101_1_3_1');
      await empty('20260101_1_3_1');
      expect(await totalAfterStart()).toBe(6);
    });

    it('is no loss beside a merge of the same step that went further, as a kill just after a start leaves it', async () => {
      await lay('20260101_1_3_1');
      const aside = join(folder, 'detached', 'broken-on-start_20260101_1_2_1');
      await cp(join(sources, '20260101_1_3_1'), aside, { recursive: true });
      for (const file of await readdir(aside)) await truncate(join(aside, file), 0);
      expect(await totalAfterStart()).toBe(6);
    });

    it('is no loss where a later merge had replaced it', async () => {
      await lay('20260101_1_3_1');
      await cp(join(sources, '20260101_2_2_0'), join(folder, '20260101_2_2_0'), { recursive: true });
      await empty('20260101_2_2_0');
      expect(await totalAfterStart()).toBe(6);
    });

    it.each([
      ['its parts are gone', []],
      ['the first of its parts is gone', ['20260101_2_2_0', '20260101_3_3_0']],
      ['the last of its parts is gone', ['20260101_1_1_0', '20260101_2_2_0']],
    ])('is refused when %s', async (_, there) => {
      await lay(...there, '20260101_1_3_1');
      await empty('20260101_1_3_1');
      await expect(Store.open({ dataDir, database: 'plumbline' })).rejects.toThrow(
        /part 20260101_1_3_1 of table merged/,
      );
    });

    it('is refused when it was written to its end and damaged afterwards', async () => {
      await lay('20260101_1_1_0', '20260101_3_3_0', '20260101_1_3_1');
      await truncate(join(folder, '20260101_1_3_1', 'data.bin'), 5);
      await expect(Store.open({ dataDir, database: 'plumbline' })).rejects.toThrow(
        /part 20260101_1_3_1 of table merged/,
      );
    });

    it('is refused where a part that spans its numbers was merged after it was lost', async () => {
      await lay('20260101_1_1_0', '20260101_2_2_0', '20260101_3_3_0');
      await empty('20260101_2_2_0');
      await expect(Store.open({ dataDir, database: 'plumbline' })).rejects.toThrow(
        /part 20260101_2_2_0 of table merged/,
      );
      // As the engine may do behind a start that is refused: of the first and the third.
      for (const part of ['20260101_1_1_0', '20260101_3_3_0']) await rm(join(folder, part), { recursive: true });
      await lay('20260101_1_3_1');
      await expect(Store.open({ dataDir, database: 'plumbline' })).rejects.toThrow(
        /part 20260101_2_2_0 of table merged/,
      );
    });
  });

  it('is named by the query that meets a changed byte, and taken out when that is accepted', async () => {
    const bytes = await readFile(join(partDir, 'data.bin'));
    for (let at = 0; at < bytes.length; at += 16) bytes[at]! ^= 0xff;
    await writeFile(join(partDir, 'data.bin'), bytes);
    store = await Store.open({ dataDir, database: 'plumbline' });
    await expect(store.query(sumVersions, {})).rejects.toMatchObject({
      reason: 'damaged',
      retryable: false,
      message: expect.stringMatching(/part all_2_2_0 of table label/) as unknown,
    });
    await store.close();
    store = undefined;
    expect(await accept()).toMatchObject([{ table: 'label', part: 'all_2_2_0' }]);
  });
});
