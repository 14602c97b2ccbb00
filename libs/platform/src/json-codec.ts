import {
  type DeadLetterRecord,
  evaluationTickSchema,
  type TickRecord,
  type TransitionRecord,
  transitionRecordSchema,
} from '@plumbline/contracts';
import type { RecordCodec, StoredMessage } from '@plumbline/stream';
import { z } from 'zod';

/** Codec of requests to evaluate. */
export const tickCodec: RecordCodec<TickRecord> = jsonCodec(evaluationTickSchema, (detail) => ({
  type: 'unreadable',
  detail,
}));

/** Codec of what wakes the alerter. */
export const transitionCodec: RecordCodec<TransitionRecord> = jsonCodec(transitionRecordSchema, (unreadable) => ({
  project: '',
  model: '',
  unreadable,
}));

/** Codec of what was set aside. It is written for consumers outside; nobody of ours reads it, so what is read is taken as it is. */
export const deadLetterCodec: RecordCodec<DeadLetterRecord> = {
  encode: (value) => ({ value: Buffer.from(JSON.stringify(value)) }),
  decode: ({ value }) => JSON.parse(value?.toString('utf8') ?? 'null') as DeadLetterRecord,
};

function jsonCodec<T, R>(schema: z.ZodType<T>, unreadable: (detail: string) => R): RecordCodec<T | R> {
  return {
    encode: (value) => ({ value: Buffer.from(JSON.stringify(value)) }),
    decode: ({ value, partition, offset }: StoredMessage) => {
      const where = `partition ${partition}, offset ${offset}`;
      try {
        const parsed = schema.safeParse(JSON.parse(value?.toString('utf8') ?? ''));
        if (parsed.success) return parsed.data;
        return unreadable(`${where}: ${z.prettifyError(parsed.error)}`);
      } catch (error) {
        return unreadable(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
