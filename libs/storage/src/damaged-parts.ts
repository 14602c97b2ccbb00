import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { z } from 'zod';
import { StorageError } from './storage-error.js';

/** A part of a table whose files are not what the engine wrote. */
export interface DamagedPart {
  readonly table: string;
  readonly part: string;
  /** Folder in which it lies. */
  readonly path: string;
}

const ADVICE =
  'restore the data folder from a backup, or, to go on without these rows, start once with PLUMBLINE_CLICKHOUSE_ACCEPT_DAMAGE=true ' +
  'and then run `plumbline cells verify --repair` for each model';

const setAsideRow = z.object({ table: z.string(), name: z.string(), path: z.string() });
const locatedRow = z.object({ table: z.string(), name: z.string(), path: z.string(), partition: z.string() });
const checkRow = z.object({ part_path: z.string(), is_passed: z.number(), message: z.string() });

type Numbers = readonly [from: number, to: number, merges: number, mutation: number];
/** End of the name of a part: blocks from, blocks to, merges, mutation. */
const PART_NUMBERS = /^(\d+)_(\d+)_(\d+)(?:_(\d+))?$/;

/** What the engine calls a part that it could not load; one that was refused is called the second, and never deleted by itself. */
const SET_ASIDE = 'broken-on-start_';
const REFUSED = 'broken_';

/** Identities of the folders of parts that lie in the folder of the engine: read before it opens, while nothing changes them. */
export async function partsOnDisk(engineDir: string): Promise<ReadonlySet<string>> {
  const store = join(engineDir, 'store');
  const found = new Set<string>();
  for (const prefix of await folders(store)) {
    for (const table of await folders(join(store, prefix))) {
      for (const part of await folders(join(store, prefix, table))) found.add(identityOf(join(table, part)));
    }
  }
  return found;
}

async function folders(path: string): Promise<string[]> {
  try {
    return (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Table and part, out of the path of its folder. */
function identityOf(path: string): string {
  const [part = '', table = ''] = path.split(sep).filter(Boolean).reverse();
  return `${table}/${part}`;
}

/**
 * Deletes the parts that the engine set aside although all of their rows are in others:
 * - those that a merge had replaced: a process that is killed while it removes a replaced part leaves half of it behind;
 * - merges that never ended: a full disk, then a kill, leave a part under its final name whose files are empty, beside the parts it was
 *   to replace, which the engine loads in its stead.
 * Only parts that lay there before the engine opened count as those that have the rows: one that is merged afterwards spans the
 * numbers of a lost part without its rows.
 * @param before what `partsOnDisk` found
 */
export async function deleteReplacedParts(
  client: ClickHouseClient,
  database: string,
  before: ReadonlySet<string>,
): Promise<void> {
  const detached = await client.query({
    query: `SELECT table, name, path, ifNull(partition_id, '') AS partition FROM system.detached_parts
            WHERE database = {database:String} AND ifNull(reason, '') = 'broken-on-start'`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  const aside = z.array(locatedRow).parse(await detached.json());
  if (aside.length === 0) return;
  // Also those that were merged into others since the engine opened.
  const result = await client.query({
    query: `SELECT table, name, path, partition_id AS partition FROM system.parts WHERE database = {database:String}`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  const sound = z
    .array(locatedRow)
    .parse(await result.json())
    .filter(({ path }) => before.has(identityOf(path)));
  for (const { table, name, path, partition } of aside) {
    const numbers = numbersOf(name.slice(`${SET_ASIDE}${partition}_`.length));
    const beside = sound
      .filter((part) => part.table === table && part.partition === partition)
      .map((part) => numbersOf(part.name.slice(`${partition}_`.length)));
    const isReplaced = beside.some((part) => replaces(part, numbers));
    if (!isReplaced && (!neverTookPlace(numbers, beside) || (await hasChecksums(path)))) continue;
    await client.command({
      query: `ALTER TABLE ${database}.${table} DROP DETACHED PART {name:String} SETTINGS allow_drop_detached = 1`,
      query_params: { name },
    });
  }
}

/** Whether a part was made of another of its partition, by merges or a mutation, so that it holds all that the other held. */
function replaces(part: Numbers, other: Numbers): boolean {
  const [from, to, merges, mutation] = part;
  const [otherFrom, otherTo, otherMerges, otherMutation] = other;
  if (!(from <= otherFrom && to >= otherTo)) return false;
  return merges > otherMerges || (merges === otherMerges && mutation > otherMutation);
}

/**
 * Whether what a merge should have replaced is there: the parts that it began with, at least the first and the last of its range and one
 * of the step before, or another merge of them that went further.
 */
function neverTookPlace([from, to, merges]: Numbers, beside: readonly Numbers[]): boolean {
  if (beside.some((part) => part[0] <= from && part[1] > to && part[2] === merges && merges > 0)) return true;
  const within = beside.filter((part) => part[0] >= from && part[1] <= to && part[2] < merges);
  return (
    within.length > 1 &&
    within.some((part) => part[0] === from) &&
    within.some((part) => part[1] === to) &&
    within.some((part) => part[2] === merges - 1)
  );
}

/** The list of its files is the last thing that is written of a part: without it the part never took the place of others. */
async function hasChecksums(path: string): Promise<boolean> {
  try {
    return (await stat(join(path, 'checksums.txt'))).size > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Of a name without the id of its partition, which may be a number itself; NaN, which compares with nothing, for another form. */
function numbersOf(part: string): Numbers {
  const [, from, to, merges, mutation = '0'] = PART_NUMBERS.exec(part) ?? [];
  return [Number(from), Number(to), Number(merges), Number(mutation)];
}

/**
 * Finds the parts that the engine set aside when it loaded the folder, because files were missing or cut short: it says
 * nothing of it, and serves the rest.
 */
export async function findPartsSetAside(client: ClickHouseClient, database: string): Promise<DamagedPart[]> {
  const result = await client.query({
    query: `SELECT table, name, path FROM system.detached_parts
            WHERE database = {database:String} AND startsWith(ifNull(reason, ''), 'broken') ORDER BY table, name`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  return z
    .array(setAsideRow)
    .parse(await result.json())
    .map(({ table, name, path }) => ({ table, part: name.replace(/^broken(-on-start)?_/, ''), path }));
}

/** Gives what the engine set aside the name of parts that were refused, so that no later start takes them for replaced ones. */
export async function markRefused(parts: readonly DamagedPart[]): Promise<DamagedPart[]> {
  const marked: DamagedPart[] = [];
  for (const { table, part, path } of parts) {
    const folder = basename(path);
    if (!folder.startsWith(SET_ASIDE)) {
      marked.push({ table, part, path });
      continue;
    }
    const renamed = join(dirname(path), `${REFUSED}${folder.slice(SET_ASIDE.length)}`);
    await rename(path, renamed);
    marked.push({ table, part, path: renamed });
  }
  return marked;
}

/** The failure that says which parts are damaged, and what can be done. */
export function damageError(parts: readonly DamagedPart[], options?: ErrorOptions): StorageError {
  const named = parts.slice(0, 10).map(({ table, part, path }) => `part ${part} of table ${table} (${path})`);
  const more = parts.length > named.length ? ` and ${parts.length - named.length} more` : '';
  return new StorageError(
    `the data folder is damaged: ${named.join(', ')}${more}. ${ADVICE}`,
    'damaged',
    false,
    options,
  );
}

/**
 * Reads every part of every table, takes what is damaged out of the tables, and moves it and what the engine set aside to
 * `keepDir`, so that the folder is sound and nothing is thrown away.
 * @returns what was moved; `path` is where it is now
 */
export async function removeDamage(
  client: ClickHouseClient,
  database: string,
  keepDir: string,
): Promise<DamagedPart[]> {
  const tables = await client.query({
    query: `SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(engine, 'MergeTree')`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  const found = await findPartsSetAside(client, database);
  for (const { name } of z.array(z.object({ name: z.string() })).parse(await tables.json())) {
    const check = await client.query({ query: `CHECK TABLE ${name}`, format: 'JSONEachRow' });
    const failed = z
      .array(checkRow)
      .parse(await check.json())
      .filter((row) => row.is_passed === 0);
    for (const { part_path } of failed) {
      const part = basename(part_path);
      await client.command({
        query: `ALTER TABLE ${name} DETACH PART {part:String}`,
        query_params: { part },
      });
      const detached = await client.query({
        query: `SELECT table, name, path FROM system.detached_parts
                WHERE database = {database:String} AND table = {table:String} AND name = {part:String}`,
        query_params: { database, table: name, part },
        format: 'JSONEachRow',
      });
      const { path } = setAsideRow.parse((await detached.json())[0]);
      found.push({ table: name, part, path });
    }
  }
  const moved: DamagedPart[] = [];
  for (const { table, part, path } of found) {
    const kept = join(keepDir, `${table}-${basename(path)}`);
    await mkdir(keepDir, { recursive: true });
    await rename(path, kept);
    moved.push({ table, part, path: kept });
  }
  return moved;
}

/** Folder of the part in which a read failed, as the engine's message names it. */
const PART_PATH = /(\/\S*\/store\/[0-9a-f]{3}\/([0-9a-f-]{36})\/([^/\s]+))\//;
/** Failures of reading that mean damage where a part is named: checksum, size, end of file, decompression. */
const DAMAGE_CODES = new Set(['23', '32', '33', '40', '107', '228', '246', '271']);

/** The damaged part that a failure of the embedded engine names, and the id of its table; undefined when it is another failure. */
export function damageOf(
  code: string | undefined,
  message: string,
): { readonly tableId: string; readonly part: string; readonly path: string } | undefined {
  const [, path, tableId, part] = (code !== undefined && DAMAGE_CODES.has(code) && PART_PATH.exec(message)) || [];
  return path === undefined ? undefined : { tableId: tableId!, part: part!, path };
}
