import { recordKey, type TransitionRecord } from '@plumbline/contracts';
import { type EventStream, StreamOverloadedError } from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';

/** Wakes the owner of a model's alerts. The tables are the outbox and are looked at regularly, so a wake that finds no room is no loss. */
export async function wakeAlerter(stream: EventStream, logger: Logger, record: TransitionRecord): Promise<void> {
  const { project, model } = record;
  const key = recordKey(project, model);
  const sizeBytes = 2 * key.length + (record.action === undefined ? 0 : 128);
  try {
    await stream.publish('plumbline.transitions', [{ key, value: record, sizeBytes }]);
  } catch (error) {
    if (!(error instanceof StreamOverloadedError)) throw error;
    logger.warn({ err: error, model }, 'the alerter was not woken: it will find the changes by itself');
  }
}
