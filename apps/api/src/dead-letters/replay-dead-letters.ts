import {
  type EventCodecs,
  keyOfRecord,
  type LabelRecord,
  type MessageContent,
  type PredictionRecord,
  timeFault,
  type TimeRange,
} from '@plumbline/contracts';
import { deadLetterSources, readDeadLetters, type StoredDeadLetter, type Store } from '@plumbline/storage';
import type { EventStream, OutgoingRecord } from '@plumbline/stream';

/** What the replay of letters needs besides them. */
export interface ReplayContext {
  readonly store: Store;
  readonly stream: EventStream;
  readonly codecs: EventCodecs;
  readonly project: string;
  readonly nowMs: number;
  /** Times that may be stored now. */
  readonly range: TimeRange;
  readonly isAcceptedModel: (model: string) => boolean;
}

export interface RefusedLetter {
  readonly deadLetterId: string;
  readonly reason: string;
  readonly detail: string;
}

type EventRecord = PredictionRecord | LabelRecord;

/**
 * Sends what came once more through the parser and the stream, under the ids that the events have, and tells of each letter
 * whether that was possible. Doing it twice is doing it once.
 * @param replayed told of the letters whose events the stream has taken, some at a time
 * @throws StreamOverloadedError, StreamUnavailableError, StreamStoppedError, StorageError; letters not told of are still open
 */
export async function replayDeadLetters(
  letters: readonly StoredDeadLetter[],
  context: ReplayContext,
  replayed: (ids: readonly string[]) => Promise<void>,
): Promise<readonly RefusedLetter[]> {
  const refused: RefusedLetter[] = [];
  for await (const chunk of readDeadLetters(context.store, context.project, letters)) {
    const ids: string[] = [];
    const predictions: OutgoingRecord<PredictionRecord>[] = [];
    const labels: OutgoingRecord<LabelRecord>[] = [];
    for (const letter of chunk) {
      const records = eventsOf(letter, context);
      if (!Array.isArray(records)) {
        refused.push({ deadLetterId: letter.deadLetterId, ...records });
        continue;
      }
      ids.push(letter.deadLetterId);
      const outgoing = records.map((value) => ({
        key: keyOfRecord(value) ?? '',
        value,
        sizeBytes: Math.ceil(letter.payloadBytes / records.length),
      }));
      // The codec of its topic decoded it, so it is a record of its topic.
      if (letter.kind === 'prediction') predictions.push(...(outgoing as OutgoingRecord<PredictionRecord>[]));
      else labels.push(...(outgoing as OutgoingRecord<LabelRecord>[]));
    }
    await context.stream.publish(deadLetterSources.prediction, predictions);
    await context.stream.publish(deadLetterSources.label, labels);
    await replayed(ids);
  }
  return refused;
}

/** The records of a letter, one for each event; or why it cannot be replayed, all of it. */
function eventsOf(
  letter: StoredDeadLetter & { readonly message: MessageContent },
  context: ReplayContext,
): EventRecord[] | { readonly reason: string; readonly detail: string } {
  const codec = context.codecs[deadLetterSources[letter.kind]];
  const decoded: EventRecord = codec.decode({ ...letter.message, timestampMs: letter.receivedAtMs });
  const records: readonly EventRecord[] = decoded.type === 'array' ? decoded.records : [decoded];
  for (const record of records) {
    const fault = faultOf(record, context);
    if (fault !== undefined) return fault;
  }
  return records.map((record) => receivedAt(record, context.nowMs));
}

/** The record as one that is received now, which its times are judged by; the times themselves stay. */
function receivedAt(record: EventRecord, nowMs: number): EventRecord {
  if ('columns' in record) {
    const { columns } = record;
    return { type: 'columns', columns: { ...columns, receivedAtMs: columns.receivedAtMs.map(() => nowMs) } };
  }
  // Without the bytes that came: in those that hold no time, the time of receipt stands in for it.
  if (record.type === 'prediction') return { type: record.type, event: { ...record.event, receivedAtMs: nowMs } };
  if (record.type === 'label') return { type: record.type, event: { ...record.event, receivedAtMs: nowMs } };
  return record;
}

function faultOf(
  record: EventRecord,
  { project, range, isAcceptedModel }: ReplayContext,
): { readonly reason: string; readonly detail: string } | undefined {
  if (record.type === 'refused') return { reason: record.reason, detail: record.detail };
  const events = eventsIn(record);
  if (events === undefined) return { reason: 'not_an_object', detail: 'it holds no event: discard it' };
  if (events.project !== project) {
    const detail = `it holds an event of another project ("${events.project}"): send that one with a key of its own`;
    return { reason: 'other_project', detail };
  }
  if (!isAcceptedModel(events.model)) {
    const detail = `model "${events.model}" is not registered: PUT /v1/models/${events.model} first`;
    return { reason: 'unknown_model', detail };
  }
  for (const timestampMs of events.timestampsMs) {
    const fault = timeFault(timestampMs, 'timestamp', range);
    if (fault !== undefined) return { reason: fault.reason, detail: `timestamp ${fault.message}` };
  }
  return undefined;
}

interface EventsInRecord {
  readonly project: string;
  readonly model: string;
  readonly timestampsMs: readonly number[];
}

function eventsIn(record: EventRecord): EventsInRecord | undefined {
  if ('columns' in record) return record.columns;
  if ('event' in record) return { ...record.event, timestampsMs: [record.event.timestampMs] };
  return undefined;
}
