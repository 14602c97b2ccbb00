import {
  type ColumnsLimits,
  type LabelEvent,
  type PredictionColumns,
  PredictionColumnsBuilder,
  type PredictionEvent,
  recordKey,
  type SizedColumns,
  type TopicName,
  type TopicRecords,
} from '@plumbline/contracts';
import type { OutgoingRecord } from '@plumbline/stream';

/** A record of a broker may have a mebibyte, and columns take at most twice what they are taken for. */
export const RECORD_LIMITS: ColumnsLimits = { maxRows: 5_000, maxBytes: 480 * 1024 };

/** Gathers the events of a request into records of the stream. */
export interface EventCollector<E, K extends TopicName> {
  /** @param bytes that the event was read from */
  add(event: E, bytes: Buffer): void;
  records(): OutgoingRecord<TopicRecords[K]>[];
}

/** Predictions go on as columns: the objects of their events are garbage as soon as each was read. */
export class PredictionCollector implements EventCollector<PredictionEvent, 'plumbline.predictions'> {
  private readonly builder = new PredictionColumnsBuilder(RECORD_LIMITS);

  add(event: PredictionEvent, bytes: Buffer): void {
    this.builder.add(event, bytes.length);
  }

  records(): OutgoingRecord<TopicRecords['plumbline.predictions']>[] {
    return this.builder.take().map(({ columns, sizeBytes }) => recordOf(columns, sizeBytes));
  }
}

export class LabelCollector implements EventCollector<LabelEvent, 'plumbline.labels'> {
  private readonly collected: OutgoingRecord<TopicRecords['plumbline.labels']>[] = [];

  /** @param passOn whether the bytes of the events go on, which spares writing them anew but keeps the body in memory */
  constructor(private readonly passOn: boolean) {}

  add(event: LabelEvent, bytes: Buffer): void {
    this.collected.push({
      key: recordKey(event.project, event.model),
      value: { type: 'label', event, ...(this.passOn && { wire: bytes }) },
      sizeBytes: bytes.length,
    });
  }

  records(): OutgoingRecord<TopicRecords['plumbline.labels']>[] {
    return this.collected;
  }
}

/**
 * Records of predictions that came as columns.
 * @param batches within RECORD_LIMITS
 * @param bodyBytes of all of them as they came
 */
export function recordsOfColumns(
  batches: readonly SizedColumns[],
  bodyBytes: number,
): OutgoingRecord<TopicRecords['plumbline.predictions']>[] {
  const allBytes = batches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return batches.map(({ columns, sizeBytes }) => recordOf(columns, Math.ceil((bodyBytes * sizeBytes) / allBytes)));
}

function recordOf(
  columns: PredictionColumns,
  sizeBytes: number,
): OutgoingRecord<TopicRecords['plumbline.predictions']> {
  return { key: recordKey(columns.project, columns.model), value: { type: 'columns', columns }, sizeBytes };
}
