import {
  type ArrayRecord,
  type MessageContent,
  recordKey,
  type RefusedRecord,
  timeFault,
  type TimeRangeOfReceipt,
} from '@plumbline/contracts';
import type { DeadLetter, DeadLetterKind, ModelKey } from '@plumbline/storage';
import type { StreamRecord } from '@plumbline/stream';

/** What predictions and labels have in common. */
interface StreamEvent extends ModelKey {
  readonly predictionId: string;
  readonly timestampMs: number;
  readonly receivedAtMs: number;
}

/** An event that the engine does not take, with what it says. */
export interface RefusedEvent {
  readonly event: StreamEvent;
  readonly detail: string;
}

interface SingleRecord<E extends StreamEvent> {
  readonly event: E;
}

/** A record with events in it. */
export type EventRecord<R> = R | RefusedRecord | ArrayRecord<R | RefusedRecord>;

/** An event with the place where it lies: offset, and index in an array. */
interface Placed<R> {
  readonly record: R;
  readonly offset: string;
  readonly index: number | undefined;
}

export interface IncomingOptions<R> {
  readonly kind: DeadLetterKind;
  readonly partition: number;
  /** Times that may be stored. */
  readonly range: TimeRangeOfReceipt;
  /** The message of a record that came as an event. */
  readonly encode: (record: R) => MessageContent;
}

/** Sorts records of one partition into events to store and dead letters. */
export class IncomingEvents<E extends StreamEvent, R extends SingleRecord<E>> {
  readonly letters: DeadLetter[] = [];
  private placed: Placed<R>[] = [];

  constructor(private readonly options: IncomingOptions<R>) {}

  add({ value, offset }: StreamRecord<EventRecord<R>>): void {
    if (!isArray(value)) {
      this.place(value, offset, undefined);
      return;
    }
    value.records.forEach((record, index) => this.place(record, offset, index));
  }

  /** Events that may be stored, in order. */
  get events(): readonly E[] {
    return this.placed.map(({ record }) => record.event);
  }

  /** All that came: events and dead letters. */
  get count(): number {
    return this.placed.length + this.letters.length;
  }

  /** Models of the events by key. */
  get models(): ReadonlyMap<string, ModelKey> {
    const models = new Map<string, ModelKey>();
    let last: E | undefined;
    for (const { record } of this.placed) {
      const { event } = record;
      if (event.model === last?.model && event.project === last.project) continue;
      last = event;
      models.set(recordKey(event.project, event.model), { project: event.project, model: event.model });
    }
    return models;
  }

  /** Makes dead letters of the events of these models. */
  refuseModels(keys: ReadonlySet<string>): void {
    if (keys.size === 0) return;
    const kept: Placed<R>[] = [];
    for (const item of this.placed) {
      const { project, model } = item.record.event;
      if (keys.has(recordKey(project, model))) {
        const detail = `model "${model}" is not registered: PUT /v1/models/${model}, then replay`;
        this.letters.push(this.letter(item, 'unknown_model', detail));
      } else {
        kept.push(item);
      }
    }
    this.placed = kept;
  }

  /** Dead letters of events that the engine does not take: found as they are, or by their ids when they were made anew. */
  lettersOf(refused: readonly RefusedEvent[]): DeadLetter[] {
    const detailOfEvent = new Map(refused.map(({ event, detail }) => [event, detail]));
    const detailOfId = new Map(refused.map(({ event, detail }) => [idOf(event), detail]));
    for (const { record } of this.placed) {
      if (detailOfEvent.has(record.event)) detailOfId.delete(idOf(record.event));
    }
    const letters: DeadLetter[] = [];
    for (const item of this.placed) {
      const { event } = item.record;
      const id = idOf(event);
      const detail = detailOfEvent.get(event) ?? detailOfId.get(id);
      if (detail === undefined) continue;
      // A prediction that lies here twice was tried once, the first of it.
      detailOfId.delete(id);
      letters.push(this.letter(item, 'rejected_by_engine', detail));
    }
    return letters;
  }

  /** @param index in an array */
  place(record: R | RefusedRecord, offset: string, index: number | undefined): void {
    if (isRefused(record)) {
      const { kind, partition } = this.options;
      const { project, model, predictionId, reason, detail, message, receivedAtMs } = record;
      const position = positionOf(partition, offset, index);
      this.letters.push({
        ...{ kind, project, model, predictionId, position, stage: 'decode' },
        ...{ reason, detail, message, receivedAtMs },
      });
      return;
    }
    const item = { record, offset, index };
    const { timestampMs, receivedAtMs } = record.event;
    const fault = timeFault(timestampMs, 'timestamp', this.options.range(receivedAtMs));
    if (fault === undefined) this.placed.push(item);
    else this.letters.push(this.letter(item, fault.reason, `timestamp ${fault.message}`));
  }

  private letter({ record, offset, index }: Placed<R>, reason: string, detail: string): DeadLetter {
    const { kind, partition, encode } = this.options;
    const { project, model, predictionId, receivedAtMs } = record.event;
    const position = positionOf(partition, offset, index);
    return {
      ...{ kind, project, model, predictionId, position, stage: 'store' },
      ...{ reason, detail, message: encode(record), receivedAtMs },
    };
  }
}

function isArray<R>(value: EventRecord<R>): value is ArrayRecord<R | RefusedRecord> {
  return typeof value === 'object' && value !== null && 'records' in value;
}

function isRefused<R>(value: R | RefusedRecord): value is RefusedRecord {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'refused';
}

/** Where an event lies: partition, offset, and index in an array. */
export function positionOf(partition: number, offset: string, index: number | undefined): string {
  return index === undefined ? `${partition}/${offset}` : `${partition}/${offset}#${index}`;
}

function idOf({ project, model, predictionId }: StreamEvent): string {
  return `${project}/${model}/${predictionId}`;
}
