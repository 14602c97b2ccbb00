import type { Configuration } from '../configuration.schema.js';
import type { DeadLetterReason } from '../dead-letter.schema.js';
import type { LabelEvent, PredictionEvent } from '../event.schema.js';
import { NAME_PATTERN } from '../identifiers.schema.js';
import type {
  ArrayRecord,
  LabelRecord,
  MessageContent,
  MessageHeaders,
  PredictionColumnsRecord,
  PredictionRecord,
  ReconcileRecord,
  RefusedRecord,
  SingleLabelRecord,
  SinglePredictionRecord,
} from '../topics.js';
import { keyOfRecord } from '../topics.js';
import { BodyFault } from './body-fault.js';
import {
  CLOUD_EVENT_CONTENT_TYPE,
  type CloudEventAttributes,
  dataOfCloudEvent,
  type EventKind,
  structuredCloudEvent,
} from './cloud-event.js';
import { columnsText } from './columns-text.js';
import { EventFault } from './event-fault.js';
import { labelText, predictionText } from './event-text.js';
import { type IntakeContext, IntakeContexts } from './intake-context.js';
import { parseLabel } from './parse-label.js';
import {
  COLUMNS_CONTENT_TYPE,
  parsePredictionColumns,
  rowOfWireColumns,
  type WireColumns,
} from './parse-prediction-columns.js';
import { parsePrediction } from './parse-prediction.js';
import { checkEventSize, readJson } from './read-event.js';
import { splitEvents } from './split-events.js';
import { withoutDepths } from './without-depths.js';
import { withoutEntity } from './without-entity.js';

/** Headers of messages that are our own; nobody has to send them. */
export const MESSAGE_HEADERS = {
  /** What the message is, when it is no event: `reconcile`. */
  record: 'plumbline-record',
  /** Project of an event that names none itself. */
  project: 'plumbline-project',
  /** When intake took the event, in milliseconds since 1970; the message's own time otherwise. */
  receivedAt: 'plumbline-received-at',
  /** Why the stream could not read the message: it has no value then. */
  refused: 'plumbline-refused',
} as const;

/** The year 2100. Receipt times beyond are nonsense and would not fit the store's columns. */
const LATEST_RECEIPT_MS = Date.UTC(2100);
const OPEN_BRACKET = 0x5b;

/** As much of a message of a broker as decoding needs. */
export interface EventMessage {
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer | (string | Buffer)[] | undefined>>;
  /** When it was written, in milliseconds since 1970. */
  readonly timestampMs: number;
}

/** Both directions between records and messages. `decode` never throws: what is no event becomes a record that says so. */
export interface EventCodec<T> {
  encode(record: T): MessageContent;
  decode(message: EventMessage): T;
}

export interface EventCodecs {
  readonly 'plumbline.predictions': EventCodec<PredictionRecord>;
  readonly 'plumbline.labels': EventCodec<LabelRecord>;
}

export interface EventCodecOptions {
  readonly configuration: Pick<Configuration, 'intake'>;
  /** Gives 16 hex digits of a keyed hash of a data subject. */
  readonly hashEntity: (entityId: string) => string;
}

/** A record of one event. */
type Single<E> = { readonly event: E; readonly wire?: Buffer };

/** What the two kinds of events differ in. */
interface Kind<E, S extends Single<E>> {
  readonly kind: EventKind;
  readonly parse: (raw: unknown, context: IntakeContext) => E | EventFault;
  readonly textOf: (event: E) => string;
  readonly toRecord: (event: E, wire: Buffer | undefined) => S;
}

const PREDICTION: Kind<PredictionEvent, SinglePredictionRecord> = {
  kind: 'prediction',
  parse: parsePrediction,
  textOf: predictionText,
  toRecord: (event, wire) => ({ type: 'prediction', event, ...(wire && { wire }) }),
};
const LABEL: Kind<LabelEvent, SingleLabelRecord> = {
  kind: 'label',
  parse: parseLabel,
  textOf: labelText,
  toRecord: (event, wire) => ({ type: 'label', event, ...(wire && { wire }) }),
};

/**
 * Returns the codecs of the two topics that anybody may write to. A message holds the JSON object of `POST /v1/predictions` or
 * `POST /v1/labels`, which may name its `project`; or an array of such objects; or a CloudEvent in binary or structured mode.
 *
 * Nothing of what decoding gives depends on the clock, so that each delivery of a message gives the same events.
 */
export function createEventCodecs(options: EventCodecOptions): EventCodecs {
  const contexts = new IntakeContexts(options.configuration, options.hashEntity);
  return {
    'plumbline.predictions': new PredictionCodec(new KindCodec(PREDICTION, contexts, options), contexts, options),
    'plumbline.labels': new KindCodec(LABEL, contexts, options),
  };
}

/** What the events of one message have in common. */
interface Envelope {
  readonly headers: MessageHeaders;
  readonly project: string;
  readonly receivedAtMs: number;
  /** Attributes of a CloudEvent in binary mode, `structured` for one that is its own envelope. */
  readonly cloudEvent: CloudEventAttributes | 'structured' | undefined;
}

class KindCodec<
  E extends { readonly project: string; readonly model: string; readonly receivedAtMs: number },
  S extends SinglePredictionRecord | SingleLabelRecord,
> {
  constructor(
    private readonly kind: Kind<E, S & Single<E>>,
    private readonly contexts: IntakeContexts,
    private readonly options: EventCodecOptions,
  ) {}

  encode(record: S | RefusedRecord | ArrayRecord<S | RefusedRecord> | ReconcileRecord): MessageContent {
    if ('message' in record) return record.message;
    if (record.type === 'reconcile') {
      const { project, model, requestId } = record;
      const value = Buffer.from(JSON.stringify({ project, model, request_id: requestId }));
      return { value, headers: { [MESSAGE_HEADERS.record]: 'reconcile' } };
    }
    // S is the single record of this kind, so its event is an E.
    return this.encodeEvent(record as S & Single<E>);
  }

  decode(message: EventMessage): S | RefusedRecord | ArrayRecord<S | RefusedRecord> | ReconcileRecord {
    const envelope = this.envelopeOf(message);
    const { headers } = envelope;
    const value = message.value ?? Buffer.alloc(0);
    if (value.length === 0) {
      const unread = headers[MESSAGE_HEADERS.refused];
      const fault =
        unread === undefined
          ? refusal('empty_message', 'the message has no value: send the event as JSON')
          : refusal('event_too_large', unread);
      return this.refuse(fault, value, undefined, envelope);
    }
    if (headers[MESSAGE_HEADERS.record] === 'reconcile') return this.decodeReconcile(value, envelope);
    if (firstByte(value) !== OPEN_BRACKET || typeof envelope.cloudEvent === 'object') {
      return this.decodeEvent(value, envelope);
    }
    return this.decodeArray(value, envelope);
  }

  envelopeOf(message: EventMessage): Envelope {
    const headers = readHeaders(message.headers);
    const contentType = headers['content-type']?.toLowerCase() ?? '';
    return {
      headers,
      project: projectIn(headers) ?? this.options.configuration.intake.defaultProject,
      receivedAtMs: receivedAt(headers, message.timestampMs),
      cloudEvent: contentType.startsWith('application/cloudevents') ? 'structured' : binaryAttributes(headers),
    };
  }

  private encodeEvent({ event, wire }: Single<E>): MessageContent {
    return {
      value: wire ?? Buffer.from(this.kind.textOf(event)),
      headers: {
        [MESSAGE_HEADERS.project]: event.project,
        [MESSAGE_HEADERS.receivedAt]: String(event.receivedAtMs),
      },
    };
  }

  private decodeReconcile(value: Buffer, envelope: Envelope): ReconcileRecord | RefusedRecord {
    const raw = readJson(value) as { project?: unknown; model?: unknown; request_id?: unknown } | null | EventFault;
    if (raw instanceof EventFault) return this.refuse(raw, value, undefined, envelope);
    const { project, model, request_id: requestId } = raw ?? {};
    if (!isName(project) || !isName(model) || !(requestId === undefined || isName(requestId))) {
      const detail =
        'a request to reconcile is {"project", "model"}, both names; "request_id" may be there, a name as well';
      return this.refuse(refusal('wrong_type', detail), value, undefined, envelope);
    }
    return { type: 'reconcile', project, model, ...(requestId !== undefined && { requestId }) };
  }

  private decodeArray(value: Buffer, envelope: Envelope): RefusedRecord | ArrayRecord<S | RefusedRecord> {
    const split = splitEvents(value, 'json', this.options.configuration.intake.maxEvents);
    if (split instanceof BodyFault) {
      const reason = split.reason === 'too_many_events' ? 'too_many_events' : 'not_json';
      return this.refuse(refusal(reason, split.message), value, undefined, envelope);
    }
    const { headers } = envelope;
    const element: Envelope =
      envelope.cloudEvent === undefined
        ? envelope
        : { ...envelope, headers: { ...headers, 'content-type': CLOUD_EVENT_CONTENT_TYPE } };
    let key: string | undefined;
    const records = split.slices.map((slice): S | RefusedRecord => {
      const record = this.decodeEvent(slice, element);
      if (record.type === 'refused') return record;
      const own = keyOfRecord(record)!;
      key ??= own;
      return own === key ? record : this.refuseOtherModel(record as S & Single<E>, key);
    });
    return { type: 'array', records, message: keptMessage(value, envelope, envelope.project) };
  }

  private decodeEvent(value: Buffer, envelope: Envelope): S | RefusedRecord {
    const oversize = checkEventSize(value, this.options.configuration.intake);
    if (oversize !== undefined) return this.refuse(oversize, value, undefined, envelope);
    const raw = readJson(value);
    if (raw instanceof EventFault) return this.refuse(raw, value, undefined, envelope);
    const unwrapped = this.unwrap(raw, envelope);
    if (unwrapped instanceof EventFault) return this.refuse(unwrapped, value, raw, envelope);
    const event = this.kind.parse(unwrapped, this.contexts.ofMessage(envelope.project, envelope.receivedAtMs));
    if (event instanceof EventFault) return this.refuse(event, value, raw, envelope);
    const asItCame = envelope.cloudEvent === undefined && !Object.hasOwn(raw as object, 'entity_id');
    return this.kind.toRecord(event, asItCame ? value : undefined);
  }

  private unwrap(raw: unknown, { cloudEvent }: Envelope): unknown {
    if (cloudEvent === undefined) return raw;
    if (cloudEvent !== 'structured') return dataOfCloudEvent(cloudEvent, raw, this.kind.kind);
    const event = structuredCloudEvent(raw);
    return event instanceof EventFault ? event : dataOfCloudEvent(event.attributes, event.data, this.kind.kind);
  }

  private refuseOtherModel(record: S & Single<E>, key: string): RefusedRecord {
    const { event } = record as SinglePredictionRecord | SingleLabelRecord;
    return {
      type: 'refused',
      project: event.project,
      model: event.model,
      predictionId: event.predictionId,
      reason: 'mixed_models',
      field: 'model',
      detail: `the events of a message belong to one model, here to ${key}: send this one in a message of its own`,
      message: this.encodeEvent(record),
      receivedAtMs: event.receivedAtMs,
    };
  }

  /** @param raw what was parsed, if anything was */
  refuse({ field, reason, message }: Refusal, value: Buffer, raw: unknown, envelope: Envelope): RefusedRecord {
    const event = eventIn(raw);
    const project = isName(event?.project) ? event.project : envelope.project;
    return {
      type: 'refused',
      project,
      model: isName(event?.model) ? event.model : '',
      predictionId: typeof event?.prediction_id === 'string' ? wellFormed(event.prediction_id.slice(0, 256)) : '',
      reason,
      field,
      detail: field === '' ? message : `${field} ${message}`,
      message: keptMessage(this.anonymous(raw) ?? value, envelope, project),
      receivedAtMs: envelope.receivedAtMs,
    };
  }

  /** The JSON of a refused event without its data subject; undefined when it names none. */
  private anonymous(raw: unknown): Buffer | undefined {
    const { hashEntity } = this.options;
    const writable = withoutDepths(raw);
    const direct = withoutEntity(writable, hashEntity);
    if (direct !== undefined) return Buffer.from(JSON.stringify(direct));
    const event = structuredCloudEvent(writable);
    const data = event instanceof EventFault ? undefined : withoutEntity(event.data, hashEntity);
    if (data === undefined) return undefined;
    return Buffer.from(JSON.stringify({ ...(writable as object), data, data_base64: undefined }));
  }
}

/** Predictions may also come as columns: many of one model and version in a message. */
class PredictionCodec implements EventCodec<PredictionRecord> {
  constructor(
    private readonly singles: KindCodec<PredictionEvent, SinglePredictionRecord>,
    private readonly contexts: IntakeContexts,
    private readonly options: EventCodecOptions,
  ) {}

  encode(record: PredictionRecord): MessageContent {
    if ('message' in record) return record.message;
    if (record.type !== 'columns') return this.singles.encode(record);
    const { columns } = record;
    return {
      value: Buffer.from(columnsText(columns)),
      headers: {
        'content-type': COLUMNS_CONTENT_TYPE,
        [MESSAGE_HEADERS.project]: columns.project,
        // Rows of one record were received together.
        [MESSAGE_HEADERS.receivedAt]: String(columns.receivedAtMs[0]),
      },
    };
  }

  decode(message: EventMessage): PredictionRecord {
    const envelope = this.singles.envelopeOf(message);
    const { value } = message;
    const isColumns = envelope.headers['content-type']?.toLowerCase().startsWith(COLUMNS_CONTENT_TYPE) === true;
    return isColumns && value !== null && value.length > 0
      ? this.decodeColumns(value, envelope)
      : this.singles.decode(message);
  }

  private decodeColumns(value: Buffer, envelope: Envelope): PredictionRecord {
    const raw = readJson(value);
    if (raw instanceof EventFault) return this.singles.refuse(raw, value, undefined, envelope);
    const context = this.contexts.ofMessage(envelope.project, envelope.receivedAtMs);
    const parsed = parsePredictionColumns(raw, context, this.options.configuration.intake.maxEvents);
    if (parsed instanceof BodyFault)
      return this.singles.refuse(refusal('too_many_events', parsed.message), value, raw, envelope);
    if (parsed instanceof EventFault) return this.singles.refuse(parsed, value, raw, envelope);
    const taken = parsed.batches.map(({ columns }): PredictionColumnsRecord => ({ type: 'columns', columns }));
    if (parsed.rejected.length === 0 && taken.length === 1) return taken[0]!;
    // A row that is refused is kept as what it would have been by itself.
    const { 'content-type': _columns, ...headers } = envelope.headers;
    const refused = parsed.rejected.map(({ index, fault }) => {
      const row = withoutDepths(rowOfWireColumns(raw as WireColumns, index));
      return this.singles.refuse(fault, Buffer.from(JSON.stringify(row)), row, { ...envelope, headers });
    });
    return { type: 'array', records: [...taken, ...refused], message: keptMessage(value, envelope, envelope.project) };
  }
}

/** Why a message is refused: by a reason of events, or by one of messages. */
interface Refusal {
  readonly field: string;
  readonly reason: DeadLetterReason;
  readonly message: string;
}

function refusal(reason: DeadLetterReason, message: string): Refusal {
  return { field: '', reason, message };
}

/** The message so that decoding it again gives the same project and time. */
function keptMessage(value: Buffer, { headers, receivedAtMs }: Envelope, project: string): MessageContent {
  return {
    value,
    headers: { ...headers, [MESSAGE_HEADERS.project]: project, [MESSAGE_HEADERS.receivedAt]: String(receivedAtMs) },
  };
}

/** The object that may be an event, or the data of a CloudEvent that may be one. */
function eventIn(raw: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const fields = raw as Readonly<Record<string, unknown>>;
  const { data } = fields;
  const wrapped = Object.hasOwn(fields, 'specversion') && typeof data === 'object' && data !== null;
  return wrapped ? (data as Readonly<Record<string, unknown>>) : fields;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME_PATTERN.test(value);
}

/** The text as UTF-8 can write it: half a surrogate pair becomes U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** The headers that say how to read a message, in lower case, each with its last value. */
function readHeaders(headers: EventMessage['headers']): MessageHeaders {
  const read: Record<string, string> = {};
  for (const name in headers) {
    const key = name.toLowerCase();
    if (key !== 'content-type' && !key.startsWith('ce_') && !key.startsWith('plumbline-')) continue;
    const given = headers[name];
    const last = Array.isArray(given) ? given.at(-1) : given;
    if (last !== undefined) read[key] = last.toString();
  }
  return read;
}

function projectIn(headers: MessageHeaders): string | undefined {
  const project = headers[MESSAGE_HEADERS.project];
  return isName(project) ? project : undefined;
}

/**
 * Milliseconds since 1970, from the header or else from the message; 0 when neither is a sensible time, so that an event without a time of
 * its own is found to be too old.
 */
function receivedAt(headers: MessageHeaders, timestampMs: number): number {
  const header = headers[MESSAGE_HEADERS.receivedAt];
  const isSensible = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= 0 && ms < LATEST_RECEIPT_MS;
  return [header === undefined || header === '' ? NaN : Number(header), timestampMs].find(isSensible) ?? 0;
}

/** Attributes of a CloudEvent in binary mode; undefined when the message is none. */
function binaryAttributes(headers: MessageHeaders): CloudEventAttributes | undefined {
  const attributes: Record<string, unknown> = {};
  let found = false;
  for (const name in headers) {
    if (!name.startsWith('ce_')) continue;
    found = true;
    attributes[name.slice(3)] = headers[name];
  }
  if (!found) return undefined;
  if (headers['content-type'] !== undefined) attributes.datacontenttype = headers['content-type'];
  return attributes;
}

/** The first byte that is no blank. */
function firstByte(value: Buffer): number | undefined {
  for (const byte of value) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte;
  return undefined;
}
