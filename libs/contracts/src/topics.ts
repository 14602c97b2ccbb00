import type { DeadLetterRecord, DeadLetterReason } from './dead-letter.schema.js';
import type { LabelEvent, PredictionEvent } from './event.schema.js';
import type { PredictionColumns } from './prediction-columns.js';
import type { EvaluationTick, TransitionRecord, UnreadableTick } from './tick.schema.js';

/** Names and values of a message's headers that Plumbline reads. */
export type MessageHeaders = Readonly<Record<string, string>>;

/** A message as it lies in Kafka, as far as Plumbline reads it. */
export interface MessageContent {
  readonly value: Buffer;
  readonly headers: MessageHeaders;
}

/**
 * An event that a message holds and that cannot be taken: it becomes a dead letter. `message` is what came, so that it can be
 * decoded once more; where the event could be read as JSON, its `entity_id` is replaced by the hash.
 */
export interface RefusedRecord {
  readonly type: 'refused';
  /** The project it names; that of the configuration where none can be read. */
  readonly project: string;
  /** "" where none can be read. */
  readonly model: string;
  /** "" where none can be read. */
  readonly predictionId: string;
  readonly reason: DeadLetterReason;
  /** Dotted path of the field at fault; "" when it is the message itself. */
  readonly field: string;
  /** What is wrong and what to do. */
  readonly detail: string;
  readonly message: MessageContent;
  readonly receivedAtMs: number;
}

/**
 * Asks the owner of a model's cells to check its dirty hours against raw; in order with the events before it. With a
 * `requestId` somebody waits for the end of it.
 */
export interface ReconcileRecord {
  readonly type: 'reconcile';
  readonly project: string;
  readonly model: string;
  readonly requestId?: string;
}

/** The events of a message that holds a JSON array, in order; those that are not refused belong to one model. */
export interface ArrayRecord<R> {
  readonly type: 'array';
  readonly records: readonly R[];
  readonly message: MessageContent;
}

export interface SinglePredictionRecord {
  readonly type: 'prediction';
  readonly event: PredictionEvent;
  /** The event's JSON as it came, when it may be passed on as it is: it holds no `entity_id`. */
  readonly wire?: Buffer;
}

/** Many predictions of one model and version: what intake makes of a request. */
export interface PredictionColumnsRecord {
  readonly type: 'columns';
  readonly columns: PredictionColumns;
}

export interface SingleLabelRecord {
  readonly type: 'label';
  readonly event: LabelEvent;
  /** The event's JSON as it came. */
  readonly wire?: Buffer;
}

/**
 * Records of the stream. All are keyed by `project/model`, so that one partition, and so one process at a time, owns a model.
 */
export type PredictionRecord =
  | SinglePredictionRecord
  | PredictionColumnsRecord
  | RefusedRecord
  | ArrayRecord<SinglePredictionRecord | PredictionColumnsRecord | RefusedRecord>
  | ReconcileRecord;

export type LabelRecord =
  SingleLabelRecord | RefusedRecord | ArrayRecord<SingleLabelRecord | RefusedRecord> | ReconcileRecord;

export type TickRecord = EvaluationTick | UnreadableTick;

export interface TopicRecords {
  'plumbline.predictions': PredictionRecord;
  'plumbline.labels': LabelRecord;
  'plumbline.ticks': TickRecord;
  'plumbline.transitions': TransitionRecord;
  /** For consumers outside; the table dead_letter is the record. */
  'plumbline.dead-letters': DeadLetterRecord;
}
export type TopicName = keyof TopicRecords;

export function recordKey(project: string, model: string): string {
  return `${project}/${model}`;
}

/**
 * Returns the key under which a record must lie, so that its model has one owner; undefined for one that belongs to no model
 * because it cannot be read, and may lie anywhere.
 */
export function keyOfRecord(record: TopicRecords[TopicName]): string | undefined {
  if ('event' in record) return recordKey(record.event.project, record.event.model);
  if ('columns' in record) return recordKey(record.columns.project, record.columns.model);
  if ('records' in record) {
    const records: readonly (SinglePredictionRecord | PredictionColumnsRecord | SingleLabelRecord | RefusedRecord)[] =
      record.records;
    const taken = records.find((item) => item.type !== 'refused');
    return taken && keyOfRecord(taken);
  }
  if ('type' in record && (record.type === 'refused' || record.type === 'unreadable')) return undefined;
  if ('unreadable' in record) return undefined;
  return recordKey(record.project, record.model);
}
