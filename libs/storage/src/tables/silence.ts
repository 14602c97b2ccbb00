import type { Silence } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, millis } from '../row-types.js';
import type { Store } from '../store.js';

const selectSilences = defineQuery({
  name: 'select silences',
  sql: `SELECT project, silence_id, matchers, toUnixTimestamp64Milli(starts_at) AS starts_at_ms,
          toUnixTimestamp64Milli(ends_at) AS ends_at_ms, author, comment, toUnixTimestamp64Milli(updated_at) AS updated_at_ms
        FROM silence FINAL
        WHERE project IN {projects:Array(String)} AND ({silence_id:String} = '' OR silence_id = {silence_id:String})
          AND ends_at > {ends_after:DateTime64(3, 'UTC')}
        ORDER BY ends_at DESC, silence_id LIMIT {limit:UInt32}`,
  params: z.object({
    projects: z.array(z.string()),
    silence_id: z.string(),
    ends_after: z.number().transform(instant),
    limit: z.number(),
  }),
  row: z
    .object({
      project: z.string(),
      silence_id: z.string(),
      matchers: z.array(z.string()),
      starts_at_ms: millis,
      ends_at_ms: millis,
      author: z.string(),
      comment: z.string(),
      updated_at_ms: millis,
    })
    .transform((values): Silence => ({
      project: values.project,
      silenceId: values.silence_id,
      matchers: values.matchers,
      startsAtMs: values.starts_at_ms,
      endsAtMs: values.ends_at_ms,
      author: values.author,
      comment: values.comment,
      updatedAtMs: values.updated_at_ms,
    })),
});

/** More than a person can have an overview of; the bound is for a script gone wrong. */
const MAX_SILENCES = 10_000;

/** Writes a silence; the last one of its id wins, though the clock may have been set back. Returns it as it is kept. */
export async function saveSilence(store: Store, silence: Silence): Promise<Silence> {
  const { project, silenceId, matchers, startsAtMs, endsAtMs, author, comment } = silence;
  const before = await findSilence(store, project, silenceId);
  const updatedAtMs = Math.max(silence.updatedAtMs, (before?.updatedAtMs ?? 0) + 1);
  const row = {
    project,
    silence_id: silenceId,
    matchers,
    starts_at: instant(startsAtMs),
    ends_at: instant(endsAtMs),
    author,
    comment,
    updated_at: instant(updatedAtMs),
  };
  await store.insert('silence', [row], `silence:${JSON.stringify(row)}`);
  return { ...silence, updatedAtMs };
}

export async function findSilence(store: Store, project: string, silenceId: string): Promise<Silence | undefined> {
  const params = { projects: [project], silence_id: silenceId, ends_after: 0, limit: 1 };
  return (await store.query(selectSilences, params))[0];
}

/** Returns the silences of some projects that end after an instant, those that last longest first. */
export async function listSilences(store: Store, projects: readonly string[], endsAfterMs: number): Promise<Silence[]> {
  const params = { projects: [...projects], silence_id: '', ends_after: endsAfterMs, limit: MAX_SILENCES };
  return store.query(selectSilences, params);
}
