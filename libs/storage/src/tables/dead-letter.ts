import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { type DeadLetterState, deadLetterStateSchema, type MessageContent } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** The topics whose events may become dead letters. */
export const deadLetterSources = { prediction: 'plumbline.predictions', label: 'plumbline.labels' } as const;
export type DeadLetterKind = keyof typeof deadLetterSources;

/** An event that was accepted, or written to a topic by somebody, and could not be stored. */
export interface DeadLetter {
  readonly kind: DeadLetterKind;
  readonly project: string;
  /** "" when the event names none that can be read. */
  readonly model: string;
  /** "" when the event names none that can be read. */
  readonly predictionId: string;
  /** Where in the topic: partition, offset, and the place in an array. */
  readonly position: string;
  readonly stage: 'decode' | 'store';
  readonly reason: string;
  readonly detail: string;
  /** What came: decoding it gives the event again. */
  readonly message: MessageContent;
  readonly receivedAtMs: number;
}

/** A dead letter as it is kept. */
export interface StoredDeadLetter extends Omit<DeadLetter, 'message'> {
  readonly deadLetterId: string;
  readonly payloadBytes: number;
  readonly createdAtMs: number;
  readonly state: DeadLetterState;
  /** When it was replayed or discarded, and by whom; undefined and "" while it is open. */
  readonly changedAtMs: number | undefined;
  readonly changedBy: string;
}

/** Bounds the memory of one insert and of one read. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
const MAX_CHUNK_LETTERS = 1_000;

/**
 * Returns the id of a letter: a function of what came and where, so that a message which is delivered again is one letter.
 * The payload belongs to it because offsets begin at 0 again when a topic is made anew, or an in-process stream starts.
 */
export function deadLetterId({ kind, position, message }: Pick<DeadLetter, 'kind' | 'position' | 'message'>): string {
  const hash = createHash('sha256').update(`${deadLetterSources[kind]}:${position}:`).update(message.value);
  return hash.digest('hex').slice(0, 32);
}

/** Keeps events that cannot be stored; writing the same one twice is writing it once. */
export async function insertDeadLetters(store: Store, letters: readonly DeadLetter[], nowMs: number): Promise<void> {
  for (const chunk of chunksOf(letters, ({ message }) => message.value.length)) {
    const rows = chunk.map((letter) => rowOf(letter, nowMs));
    const token = createHash('sha256').update(rows.map((row) => row.dead_letter_id).join());
    await store.insert('dead_letter', rows, `dead_letter:${token.digest('hex')}`);
  }
}

function rowOf(letter: DeadLetter, nowMs: number) {
  const { value, headers } = letter.message;
  const encoding = isUtf8(value) ? ('utf8' as const) : ('base64' as const);
  return {
    dead_letter_id: deadLetterId(letter),
    project: letter.project,
    model: letter.model,
    prediction_id: wellFormed(letter.predictionId),
    source: deadLetterSources[letter.kind],
    position: letter.position,
    stage: letter.stage,
    reason: letter.reason,
    detail: wellFormed(letter.detail),
    headers,
    encoding,
    payload: value.toString(encoding),
    payload_bytes: value.length,
    received_at: instant(letter.receivedAtMs),
    created_at: instant(nowMs),
  };
}

/** The text with U+FFFD for half a surrogate pair, which the engine does not take: a letter that cannot be written holds up all others. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Cuts a list into parts that are neither long nor heavy. */
function* chunksOf<T>(items: readonly T[], bytesOf: (item: T) => number): Generator<readonly T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const itemBytes = bytesOf(item);
    if (chunk.length > 0 && (chunk.length === MAX_CHUNK_LETTERS || bytes + itemBytes > MAX_CHUNK_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += itemBytes;
  }
  if (chunk.length > 0) yield chunk;
}

const metadata = z.object({
  dead_letter_id: z.string(),
  project: z.string(),
  model: z.string(),
  prediction_id: z.string(),
  source: z.string(),
  position: z.string(),
  stage: z.enum(['decode', 'store']),
  reason: z.string(),
  detail: z.string(),
  payload_bytes: integer,
  received_at_ms: millis,
  created_at_ms: millis,
  state: z.literal('').or(deadLetterStateSchema),
  changed_at_ms: millis,
  changed_by: z.string(),
});

function letterOf(row: z.output<typeof metadata>): StoredDeadLetter {
  return {
    deadLetterId: row.dead_letter_id,
    kind: row.source === deadLetterSources.label ? 'label' : 'prediction',
    project: row.project,
    model: row.model,
    predictionId: row.prediction_id,
    position: row.position,
    stage: row.stage,
    reason: row.reason,
    detail: row.detail,
    payloadBytes: row.payload_bytes,
    receivedAtMs: row.received_at_ms,
    createdAtMs: row.created_at_ms,
    state: row.state === '' ? 'open' : row.state,
    changedAtMs: row.state === '' ? undefined : row.changed_at_ms,
    changedBy: row.changed_by,
  };
}

const metadataColumns = `dead_letter_id, project, model, prediction_id, source, position, stage, reason, detail, payload_bytes,
  toUnixTimestamp64Milli(received_at) AS received_at_ms, toUnixTimestamp64Milli(created_at) AS created_at_ms,
  state, changed_at_ms, changed_by`;

const states = `SELECT dead_letter_id, state, toUnixTimestamp64Milli(changed_at) AS changed_at_ms, changed_by
  FROM dead_letter_state FINAL WHERE project = {project:String}`;

const selectLetters = defineQuery({
  name: 'select dead letters',
  sql: `SELECT ${metadataColumns}
        FROM (
          SELECT dead_letter_id, project, model, prediction_id, source, position, stage, reason, detail, payload_bytes,
                 received_at, created_at
          FROM dead_letter FINAL
          WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
            AND ({source:String} = '' OR source = {source:String}) AND ({reason:String} = '' OR reason = {reason:String})
            AND created_at >= {from:DateTime64(3, 'UTC')} AND created_at < {to:DateTime64(3, 'UTC')}
        ) AS letter LEFT JOIN (${states}) AS decided USING dead_letter_id
        WHERE ({state:String} = '' OR if(state = '', 'open', state) = {state:String})
          AND ({before_id:String} = '' OR (created_at_ms, dead_letter_id) < ({before_ms:Int64}, {before_id:String}))
        ORDER BY created_at_ms DESC, dead_letter_id DESC LIMIT {limit:UInt32}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    source: z.string(),
    reason: z.string(),
    state: z.string(),
    from: z.number().transform(instant),
    to: z.number().transform(instant),
    before_ms: z.number(),
    before_id: z.string(),
    limit: z.number(),
  }),
  row: metadata.transform(letterOf),
});

/** The year 2200: later than any letter, and within what the engine's instants hold. */
const FOREVER_MS = Date.UTC(2200);

export interface DeadLetterQuery {
  readonly project: string;
  readonly model?: string | undefined;
  readonly kind?: DeadLetterKind | undefined;
  readonly reason?: string | undefined;
  readonly state?: DeadLetterState | undefined;
  /** Set aside at this instant or later. */
  readonly fromMs?: number | undefined;
  /** Set aside before this instant. */
  readonly toMs?: number | undefined;
  /** The last letter of the page before. */
  readonly before?: Pick<StoredDeadLetter, 'createdAtMs' | 'deadLetterId'> | undefined;
  readonly limit: number;
}

/** Returns a page of dead letters without what came, newest first. */
export async function listDeadLetters(store: Store, query: DeadLetterQuery): Promise<StoredDeadLetter[]> {
  return store.query(selectLetters, {
    project: query.project,
    model: query.model ?? '',
    source: query.kind === undefined ? '' : deadLetterSources[query.kind],
    reason: query.reason ?? '',
    state: query.state ?? '',
    from: query.fromMs ?? 0,
    to: query.toMs ?? FOREVER_MS,
    before_ms: query.before?.createdAtMs ?? 0,
    before_id: query.before?.deadLetterId ?? '',
    limit: query.limit,
  });
}

const selectLettersById = defineQuery({
  name: 'select dead letters by id',
  sql: `SELECT ${metadataColumns}
        FROM (
          SELECT dead_letter_id, project, model, prediction_id, source, position, stage, reason, detail, payload_bytes,
                 received_at, created_at
          FROM dead_letter FINAL WHERE project = {project:String} AND dead_letter_id IN {ids:Array(String)}
        ) AS letter LEFT JOIN (${states} AND dead_letter_id IN {ids:Array(String)}) AS decided USING dead_letter_id
        ORDER BY created_at_ms, dead_letter_id`,
  params: z.object({ project: z.string(), ids: z.array(z.string()) }),
  row: metadata.transform(letterOf),
});

/** Returns the letters among the ids that there are, without what came, the oldest first. */
export async function findDeadLetters(
  store: Store,
  project: string,
  ids: readonly string[],
): Promise<StoredDeadLetter[]> {
  return ids.length === 0 ? [] : store.query(selectLettersById, { project, ids: [...ids] });
}

const selectMessages = defineQuery({
  name: 'select messages of dead letters',
  sql: `SELECT dead_letter_id, headers, encoding, payload FROM dead_letter FINAL
        WHERE project = {project:String} AND dead_letter_id IN {ids:Array(String)}`,
  params: z.object({ project: z.string(), ids: z.array(z.string()) }),
  row: z
    .object({
      dead_letter_id: z.string(),
      headers: z.record(z.string(), z.string()),
      encoding: z.enum(['utf8', 'base64']),
      payload: z.string(),
    })
    .transform(({ dead_letter_id, headers, encoding, payload }) => ({
      deadLetterId: dead_letter_id,
      message: { headers, value: Buffer.from(payload, encoding) } satisfies MessageContent,
    })),
});

/** Yields letters with what came, in their order, some at a time so that memory stays bounded. */
export async function* readDeadLetters<T extends Pick<StoredDeadLetter, 'deadLetterId' | 'payloadBytes'>>(
  store: Store,
  project: string,
  letters: readonly T[],
): AsyncGenerator<readonly (T & { readonly message: MessageContent })[]> {
  for (const chunk of chunksOf(letters, ({ payloadBytes }) => payloadBytes)) {
    const ids = chunk.map((letter) => letter.deadLetterId);
    const found = await store.query(selectMessages, { project, ids });
    const messages = new Map(found.map(({ deadLetterId: id, message }) => [id, message]));
    yield chunk.flatMap((letter) => {
      const message = messages.get(letter.deadLetterId);
      return message === undefined ? [] : [{ ...letter, message }];
    });
  }
}

/** Says what was decided about letters. */
export async function saveDeadLetterStates(
  store: Store,
  project: string,
  ids: readonly string[],
  decision: { readonly state: 'replayed' | 'discarded'; readonly changedBy: string; readonly changedAtMs: number },
): Promise<void> {
  const { state, changedBy, changedAtMs } = decision;
  const rows = ids.map((id) => ({
    project,
    dead_letter_id: id,
    state,
    changed_at: instant(changedAtMs),
    changed_by: changedBy,
    version: changedAtMs,
  }));
  const token = createHash('sha256').update(`${project}:${state}:${changedAtMs}:${ids.join()}`).digest('hex');
  await store.insert('dead_letter_state', rows, `dead_letter_state:${token}`);
}
