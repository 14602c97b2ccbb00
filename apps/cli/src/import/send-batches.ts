import { intakeReplySchema, type IntakeReply } from '@plumbline/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import { ApiError, ConnectionError } from '../api-error.js';
import { splitBatch, type Batch } from './batch.js';
import type { RowFault } from './column-block.js';
import type { ImportKind } from './import-plan.js';
import type { BatchStep } from './mapped-batches.js';

export interface SendOptions {
  readonly kind: ImportKind;
  readonly requestsInFlight: number;
  /** Attempts for one batch before the import gives up. */
  readonly maxAttempts: number;
}

export const SEND_DEFAULTS = { requestsInFlight: 6, maxAttempts: 12 } as const;

export interface SendListener {
  accepted(events: number, progress: number): void;
  /** `unlisted`: rejected events that the reply counts without naming them. */
  rejected(faults: readonly RowFault[], unlisted: number): void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Sends all batches, several at a time, and resolves when each has been answered. A batch the server has no room for, or that
 * got no answer, is sent again as it is, which is harmless because ids are the rows'; one that is too large is halved.
 * @throws ApiError for any other refusal, ConnectionError when the server stays away
 */
export async function sendBatches(
  client: ApiClient,
  steps: AsyncIterable<BatchStep>,
  options: SendOptions,
  listener: SendListener,
): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  try {
    for await (const { batch, progress } of steps) {
      const sending = sendBatch(client, batch, progress, options, listener).finally(() => inFlight.delete(sending));
      // The failure is seen by the race or by the end below; without this it would end the process before either.
      sending.catch(() => undefined);
      inFlight.add(sending);
      if (inFlight.size >= options.requestsInFlight) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
  } finally {
    await Promise.allSettled(inFlight);
  }
}

async function sendBatch(
  client: ApiClient,
  batch: Batch,
  progress: number,
  options: SendOptions,
  listener: SendListener,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const reply = await client.request('POST', `/v1/${options.kind}`, {
        contentType: batch.contentType,
        content: batch.content,
      });
      return record(intakeReplySchema.parse(reply.body), batch, progress, listener);
    } catch (error) {
      if (error instanceof ApiError && error.status === 413) {
        if (batch.rows.length === 1) {
          return listener.rejected(
            [{ row: batch.rows[0]!, field: '', reason: 'event_too_large', message: error.detail }],
            0,
          );
        }
        for (const half of splitBatch(batch)) await sendBatch(client, half, progress, options, listener);
        return;
      }
      // When every event of a request is refused the answer is 400, with the same list.
      const refused = error instanceof ApiError ? intakeReplySchema.safeParse(error.body).data : undefined;
      if (refused) return record(refused, batch, progress, listener);
      const retryable = error instanceof ConnectionError || (error instanceof ApiError && error.retryable);
      if (!retryable || attempt >= options.maxAttempts) throw error;
      await delay(pauseMs(attempt, error instanceof ApiError ? error.retryAfterMs : undefined));
    }
  }
}

/** Full-jitter backoff, but never less than the server asked for. */
function pauseMs(attempt: number, retryAfterMs: number | undefined): number {
  const ceilingMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return (retryAfterMs ?? 0) + Math.random() * ceilingMs;
}

function record(reply: IntakeReply, batch: Batch, progress: number, listener: SendListener): void {
  listener.accepted(reply.accepted, progress);
  if (reply.rejected_count === 0) return;
  listener.rejected(
    reply.rejected.map(({ index, field, reason, message }) => ({
      row: batch.rows[index] ?? 0,
      field,
      reason,
      message,
    })),
    reply.rejected_count - reply.rejected.length,
  );
}
