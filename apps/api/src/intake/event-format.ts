import {
  BodyFault,
  CLOUD_EVENT_BATCH_CONTENT_TYPE,
  CLOUD_EVENT_CONTENT_TYPE,
  type EventFormat,
} from '@plumbline/contracts';

const FORMATS: Readonly<Record<string, EventFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  [CLOUD_EVENT_CONTENT_TYPE]: 'json',
  [CLOUD_EVENT_BATCH_CONTENT_TYPE]: 'json',
};

/** Content types of events; predictions may also come as columns. */
export const eventContentTypes = Object.keys(FORMATS);

/** Returns how the events of a body are written, by its content type, or why they cannot be read. */
export function eventFormat(contentType: string | undefined): EventFormat | BodyFault {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const format = FORMATS[type];
  if (format === undefined || !Object.hasOwn(FORMATS, type)) {
    const given = type === '' ? 'no content type was given' : `"${type}" is not understood`;
    return new BodyFault('unsupported_media_type', `${given}: send one of ${eventContentTypes.join(', ')}`);
  }
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    return new BodyFault('unsupported_media_type', `charset "${charset}" is not understood: JSON is sent as UTF-8`);
  }
  return format;
}
