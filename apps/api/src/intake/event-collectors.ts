import {
  type ColumnsLimits,
  type IntakeContext,
  type LabelEvent,
  PlainPredictionReader,
  type PredictionColumns,
  PredictionColumnsBuilder,
  type PredictionEvent,
  recordKey,
  type SizedColumns,
  type TopicName,
  type TopicRecords,
} from '@plumbline/contracts';
import type { OutgoingRecord } from '@plumbline/stream';
import type { EventTaker } from './read-events.js';

/** A record of a broker may have a mebibyte, and columns take at most twice what they are taken for. */
export const RECORD_LIMITS: ColumnsLimits = { maxRows: 5_000, maxBytes: 480 * 1024 };

/** Gathers the events of a request into records of the stream. */
export interface EventCollector<E, K extends TopicName> extends EventTaker<E> {
  records(): OutgoingRecord<TopicRecords[K]>[];
}

/** Predictions go on as columns: the objects of their events are garbage as soon as each was read. */
export class PredictionCollector implements EventCollector<PredictionEvent, 'plumbline.predictions'> {
  private readonly builder = new PredictionColumnsBuilder(RECORD_LIMITS);
  private readonly reader: PlainPredictionReader | undefined;

  /** @param plain whether events may be read from their bytes alone: they are many, and no envelopes of something else */
  constructor(context: IntakeContext, plain: boolean) {
    this.reader = plain ? new PlainPredictionReader(context) : undefined;
  }

  readonly addPlain = (bytes: Buffer): boolean => {
    const { reader } = this;
    const event = reader?.read(bytes);
    if (reader === undefined || event === undefined) return false;
    this.builder.add(event, bytes.length, reader);
    return true;
  };

  add(event: PredictionEvent, bytes: Buffer): void {
    this.builder.add(event, bytes.length);
    this.reader?.learn(event);
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
