import { MIN_SAMPLE_RATE } from '../event.schema.js';
import { EventFault } from './event-fault.js';

/** Types of CloudEvents whose data is our own object. */
export const CLOUD_EVENT_TYPES = { prediction: 'ai.plumbline.prediction', label: 'ai.plumbline.label' } as const;
export type EventKind = keyof typeof CLOUD_EVENT_TYPES;

export const CLOUD_EVENT_CONTENT_TYPE = 'application/cloudevents+json';
export const CLOUD_EVENT_BATCH_CONTENT_TYPE = 'application/cloudevents-batch+json';

/** Attributes by their names, in lower case and without prefix. */
export type CloudEventAttributes = Readonly<Record<string, unknown>>;

/** `application/json` and its relatives, as in application/vnd.acme+json; parameters are allowed. */
const JSON_TYPE = /^application\/([a-z0-9.!#$&^_-]+\+)?json\s*(;|$)/i;

/**
 * Returns the object that a CloudEvent carries, or why it is refused. The event's `time` stands in for a missing `timestamp`, and the
 * `sampledrate` of the CloudEvents sampling extension (of so many alike this one is sent) for a missing `sample_rate`.
 * @param data the value of its data, already parsed
 */
export function dataOfCloudEvent(attributes: CloudEventAttributes, data: unknown, kind: EventKind): unknown {
  for (const name of ['specversion', 'id', 'source', 'type']) {
    const value = attributes[name];
    if (typeof value === 'string' && value !== '') continue;
    return new EventFault(name, 'not_a_cloud_event', 'a CloudEvent needs specversion, id, source and type as texts');
  }
  if (attributes.specversion !== '1.0') {
    return new EventFault('specversion', 'not_a_cloud_event', 'must be "1.0": no other version is understood');
  }
  if (attributes.type !== CLOUD_EVENT_TYPES[kind]) {
    return new EventFault('type', 'not_a_cloud_event', `must be "${CLOUD_EVENT_TYPES[kind]}" for ${kind}s`);
  }
  const contentType = attributes.datacontenttype;
  if (contentType !== undefined && (typeof contentType !== 'string' || !JSON_TYPE.test(contentType))) {
    return new EventFault('datacontenttype', 'not_a_cloud_event', 'must be application/json, or absent');
  }
  if (data === undefined) {
    return new EventFault('data', 'missing', `is required: the ${kind} as an object`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return new EventFault('data', 'not_an_object', `must be the ${kind} as a JSON object`);
  }
  const { time, sampledrate } = attributes;
  const takesTime = time !== undefined && !('timestamp' in data);
  const takesRate = kind === 'prediction' && sampledrate !== undefined && !('sample_rate' in data);
  if (!takesTime && !takesRate) return data;
  const rate = takesRate ? rateOfSampled(sampledrate) : undefined;
  if (rate instanceof EventFault) return rate;
  return { ...data, ...(takesTime && { timestamp: time }), ...(takesRate && { sample_rate: rate }) };
}

/** A header gives it as text. */
function rateOfSampled(sampledrate: unknown): number | EventFault {
  const count = typeof sampledrate === 'string' && /^\d{1,16}$/.test(sampledrate) ? Number(sampledrate) : sampledrate;
  if (Number.isInteger(count) && (count as number) >= 1 && 1 / (count as number) >= MIN_SAMPLE_RATE) {
    return 1 / (count as number);
  }
  return new EventFault(
    'sampledrate',
    'out_of_range',
    'must be a whole number from 1 to 1000000000: of how many alike this one is sent; leave it out when all are sent',
  );
}

/** Returns attributes and data of a CloudEvent in structured mode, or why it is none. */
export function structuredCloudEvent(raw: unknown): { attributes: CloudEventAttributes; data: unknown } | EventFault {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return new EventFault('', 'not_a_cloud_event', 'a CloudEvent in structured mode is a JSON object');
  }
  const attributes = raw as Readonly<Record<string, unknown>>;
  if (attributes.data !== undefined || attributes.data_base64 === undefined) {
    return { attributes, data: attributes.data };
  }
  try {
    if (typeof attributes.data_base64 !== 'string') throw new TypeError('is no text');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(attributes.data_base64, 'base64'));
    return { attributes, data: JSON.parse(text) };
  } catch {
    return new EventFault('data_base64', 'not_json', 'must be JSON in UTF-8, in base64; send it as `data` instead');
  }
}
