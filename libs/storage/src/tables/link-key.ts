import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant } from '../row-types.js';
import type { Store } from '../store.js';

const selectKeys = defineQuery({
  name: 'select link keys',
  sql: `SELECT key FROM link_key FINAL ORDER BY created_at, key`,
  params: z.object({}),
  row: z.object({ key: z.string() }),
});

/** Returns the keys that links are signed with, the one to sign with first; none before the first was made. */
export async function listLinkKeys(store: Store): Promise<string[]> {
  return (await store.query(selectKeys, {})).map(({ key }) => key);
}

/** Keeps a key. @param key in a form of the caller's choice; it is a secret */
export async function insertLinkKey(store: Store, key: string, createdAtMs: number): Promise<void> {
  await store.insert('link_key', [{ key, created_at: instant(createdAtMs) }], `link_key:${key}`);
}
