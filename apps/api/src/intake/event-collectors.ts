import {
  cutRows,
  type LabelEvent,
  type PredictionColumns,
  PredictionColumnsBuilder,
  type PredictionEvent,
  recordKey,
  type TopicName,
  type TopicRecords,
} from '@plumbline/contracts';
import type { OutgoingRecord } from '@plumbline/stream';

/** A record of a broker may have a mebibyte; columns take at most what their events took, and hardly ever more than this. */
const MAX_RECORD_BYTES = 512 * 1024;
const MAX_RECORD_ROWS = 5_000;

/** Gathers the events of a request into records of the stream. */
export interface EventCollector<E, K extends TopicName> {
  /** @param bytes that the event was read from */
  add(event: E, bytes: Buffer): void;
  records(): OutgoingRecord<TopicRecords[K]>[];
}

/** Predictions go on as columns: the objects of their events are garbage as soon as each was read. */
export class PredictionCollector implements EventCollector<PredictionEvent, 'plumbline.predictions'> {
  private readonly builder = new PredictionColumnsBuilder({ maxRows: MAX_RECORD_ROWS, maxBytes: MAX_RECORD_BYTES });

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

/** Records of predictions that came as columns. @param sizeBytes of all of them as they came */
export function recordsOfColumns(
  batches: readonly PredictionColumns[],
  sizeBytes: number,
): OutgoingRecord<TopicRecords['plumbline.predictions']>[] {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const bytesPerRow = sizeBytes / Math.max(rows, 1);
  const fitting = Math.max(1, Math.min(MAX_RECORD_ROWS, Math.floor(MAX_RECORD_BYTES / bytesPerRow)));
  return batches
    .flatMap((batch) => cutRows(batch, fitting))
    .map((columns) => recordOf(columns, Math.ceil(columns.rows * bytesPerRow)));
}

function recordOf(
  columns: PredictionColumns,
  sizeBytes: number,
): OutgoingRecord<TopicRecords['plumbline.predictions']> {
  return { key: recordKey(columns.project, columns.model), value: { type: 'columns', columns }, sizeBytes };
}
