import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Migration } from './migrations/migration.js';
import { migrations } from './migrations/migrations.js';
import { defineCommand, defineQuery } from './query.js';
import { engineCode, StorageError } from './storage-error.js';
import type { Store } from './store.js';

const createLedger = defineCommand({
  name: 'create migration ledger',
  sql: `CREATE TABLE IF NOT EXISTS migration (id UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC'))
        ENGINE = ReplacingMergeTree(applied_at) ORDER BY id SETTINGS non_replicated_deduplication_window = 100`,
  params: z.object({}),
});

const selectLedger = defineQuery({
  name: 'select migrations',
  sql: 'SELECT id, name, checksum FROM migration FINAL ORDER BY id',
  params: z.object({}),
  row: z.object({ id: z.number(), name: z.string(), checksum: z.string() }),
});

const UNKNOWN_TABLE = '60';
const UNKNOWN_DATABASE = '81';

export function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.statements.join(';\n')).digest('hex');
}

/**
 * Returns the names of migrations not applied yet, after checking that the applied ones are still what they were.
 * @throws StorageError `migration` when an applied migration was edited, or the database is newer than this program
 */
export async function pendingMigrations(store: Store): Promise<readonly Migration[]> {
  const applied = new Map((await readLedger(store)).map((row) => [row.id, row]));
  for (const row of applied.values()) {
    const known = migrations.find((migration) => migration.id === row.id);
    if (known === undefined) {
      throw new StorageError(
        `the database has migration ${row.id} (${row.name}), which this version of Plumbline does not know: run the newer version`,
        'migration',
        false,
      );
    }
    if (checksum(known) !== row.checksum) {
      throw new StorageError(
        `migration ${row.id} (${row.name}) was applied with other statements than it has now: add a new migration instead of editing an old one`,
        'migration',
        false,
      );
    }
  }
  return migrations.filter((migration) => !applied.has(migration.id));
}

/** What the ledger says; nothing where there is no ledger or no database yet. Writes nothing: it is asked at every start. */
async function readLedger(store: Store): Promise<z.output<typeof selectLedger.row>[]> {
  try {
    return await store.query(selectLedger, {});
  } catch (error) {
    const code = error instanceof StorageError ? engineCode(error.cause) : undefined;
    if (code === UNKNOWN_TABLE || code === UNKNOWN_DATABASE) return [];
    throw error;
  }
}

/** Applies what is missing, in order, and returns the names of what was applied. @throws StorageError */
export async function migrate(store: Store, nowMs: number): Promise<string[]> {
  const pending = await pendingMigrations(store);
  if (pending.length === 0) return [];
  await store.createDatabase();
  await store.command(createLedger, {});
  for (const migration of pending) {
    for (const sql of migration.statements) {
      await store.command({ name: `migration ${migration.id}`, sql, params: z.object({}) }, {});
    }
    const row = {
      id: migration.id,
      name: migration.name,
      checksum: checksum(migration),
      applied_at: new Date(nowMs).toISOString(),
    };
    await store.insert('migration', [row], `migration:${migration.id}:${row.checksum}`);
  }
  return pending.map((migration) => migration.name);
}
