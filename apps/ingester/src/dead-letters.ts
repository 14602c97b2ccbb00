import { isUtf8 } from 'node:buffer';
import { type DeadLetterRecord, recordKey } from '@plumbline/contracts';
import { type DeadLetter, deadLetterId, deadLetterSources, insertDeadLetters, type Store } from '@plumbline/storage';
import type { EventStream, OutgoingRecord } from '@plumbline/stream';

/** A larger payload is left out of the topic, whose messages have a limit; the table has it. */
const MAX_PUBLISHED_BYTES = 256 * 1024;

/** A batch may hold more dead letters than the stream's queue takes at once. */
const PUBLISHED_AT_ONCE = 500;

/** Keeps what cannot be stored: in the table, which is the record, and for consumers outside in a topic where there is a broker. */
export class DeadLetters {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
  ) {}

  /** Resolves when the letters are durable. Writing them twice is writing them once, except for the topic. */
  async write(letters: readonly DeadLetter[], nowMs: number): Promise<void> {
    await insertDeadLetters(this.store, letters, nowMs);
    // In process nobody would ever take them off the stream.
    if (this.stream.publishMeans !== 'queued') return;
    for (let i = 0; i < letters.length; i += PUBLISHED_AT_ONCE) {
      await this.publish(letters.slice(i, i + PUBLISHED_AT_ONCE).map((letter) => outgoing(recordOf(letter, nowMs))));
    }
  }

  /** Publishes; what is too large for the queue or the broker in smaller pieces, and what can never fit without its payload, or not. */
  private async publish(records: readonly OutgoingRecord<DeadLetterRecord>[]): Promise<void> {
    try {
      await this.stream.publish('plumbline.dead-letters', records);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (records.length > 1) {
        const half = records.length >> 1;
        await this.publish(records.slice(0, half));
        await this.publish(records.slice(half));
        return;
      }
      const { payload, ...value } = records[0]!.value;
      if (payload !== undefined) await this.publish([outgoing(value)]);
    }
  }
}

function outgoing(value: DeadLetterRecord): OutgoingRecord<DeadLetterRecord> {
  return { key: recordKey(value.project, value.model), value, sizeBytes: 1_000 + (value.payload?.length ?? 0) };
}

function recordOf(letter: DeadLetter, nowMs: number): DeadLetterRecord {
  const { value, headers } = letter.message;
  const encoding = isUtf8(value) ? 'utf8' : 'base64';
  return {
    dead_letter_id: deadLetterId(letter),
    kind: letter.kind,
    project: letter.project,
    model: letter.model,
    prediction_id: letter.predictionId,
    source: deadLetterSources[letter.kind],
    position: letter.position,
    reason: letter.reason,
    detail: letter.detail,
    headers,
    encoding,
    ...(value.length <= MAX_PUBLISHED_BYTES && { payload: value.toString(encoding) }),
    payload_bytes: value.length,
    received_at: new Date(letter.receivedAtMs).toISOString(),
    created_at: new Date(nowMs).toISOString(),
  };
}
