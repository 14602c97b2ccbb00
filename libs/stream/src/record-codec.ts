import type { TopicName } from '@plumbline/contracts';

/** A record as a broker keeps it; the key is not part of it. */
export interface EncodedRecord {
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** A message as a broker hands it over, whoever wrote it. */
export interface StoredMessage {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: string;
  /** When it was written, in milliseconds since 1970, by the writer's clock or the broker's. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer | (string | Buffer)[] | undefined>>;
}

/**
 * The two directions between a record and its bytes in a topic. `decode` never throws: anybody may write to a topic, and a
 * message that cannot be read must not stop those behind it. What cannot be decoded becomes a record that says so.
 */
export interface RecordCodec<T> {
  encode(value: T): EncodedRecord;
  decode(message: StoredMessage): T;
}
