import { mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
const setAsideBesideActive = z.object({ table: z.string(), name: z.string(), active: z.array(z.string()) });
const checkRow = z.object({ part_path: z.string(), is_passed: z.number(), message: z.string() });

/** Name of a part, perhaps with the reason for which it was set aside: blocks from, blocks to, merges, mutation. */
const PART_NAME = /_(\d+)_(\d+)_(\d+)(?:_(\d+))?$/;

/**
 * Deletes the parts that the engine set aside although a merge had replaced them: a process that is killed while it removes a replaced part
 * leaves half of it behind, and all of its rows are in the part that replaced it.
 */
export async function deleteReplacedParts(client: ClickHouseClient, database: string): Promise<void> {
  const result = await client.query({
    query: `SELECT d.table AS table, d.name AS name, groupArray(p.name) AS active
            FROM system.detached_parts AS d
            INNER JOIN system.parts AS p ON p.database = d.database AND p.table = d.table AND p.partition_id = d.partition_id
            WHERE d.database = {database:String} AND startsWith(ifNull(d.reason, ''), 'broken') AND p.active
            GROUP BY d.table, d.name`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  for (const { table, name, active } of z.array(setAsideBesideActive).parse(await result.json())) {
    if (!active.some((part) => replaces(part, name))) continue;
    await client.command({
      query: `ALTER TABLE ${database}.${table} DROP DETACHED PART {name:String} SETTINGS allow_drop_detached = 1`,
      query_params: { name },
    });
  }
}

/** Whether a part was made of another of its partition, by a merge or a mutation, so that it holds all that the other held. */
function replaces(part: string, other: string): boolean {
  const [from, to, merges, mutation] = numbersOf(part);
  const [otherFrom, otherTo, otherMerges, otherMutation] = numbersOf(other);
  if (!(from <= otherFrom && to >= otherTo)) return false;
  return merges > otherMerges || (merges === otherMerges && mutation > otherMutation);
}

/** NaN, which compares with nothing, for a name of another form. */
function numbersOf(part: string): [from: number, to: number, merges: number, mutation: number] {
  const [, from, to, merges, mutation = '0'] = PART_NAME.exec(part) ?? [];
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
