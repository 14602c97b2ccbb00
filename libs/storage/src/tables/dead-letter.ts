import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer } from '../row-types.js';
import type { Store } from '../store.js';

export interface DeadLetter {
  readonly project: string;
  /** Topic the event came from. */
  readonly source: string;
  /** Where in the source: batch identity and offset. */
  readonly position: string;
  readonly stage: 'decode' | 'store';
  readonly reason: string;
  readonly detail: string;
  readonly payload: string;
}

/** Keeps events that were accepted and cannot be stored; writing the same one twice is writing it once. */
export async function insertDeadLetters(store: Store, letters: readonly DeadLetter[], nowMs: number): Promise<void> {
  const rows = letters.map((letter) => ({
    dead_letter_id: createHash('sha256').update(`${letter.source}:${letter.position}`).digest('hex').slice(0, 32),
    ...letter,
    created_at: instant(nowMs),
  }));
  await store.insert('dead_letter', rows, `dead_letter:${rows.map((row) => row.dead_letter_id).join()}`);
}

const countLetters = defineQuery({
  name: 'count dead letters',
  sql: 'SELECT count() AS n FROM dead_letter FINAL WHERE project = {project:String}',
  params: z.object({ project: z.string() }),
  row: z.object({ n: integer }),
});

export async function countDeadLetters(store: Store, project: string): Promise<number> {
  return (await store.query(countLetters, { project }))[0]?.n ?? 0;
}
