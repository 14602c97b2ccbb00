import type { BodyFault } from '@plumbline/contracts';
import { eventFormat } from './event-format.js';

describe('eventFormat', () => {
  it.each([
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['Application/JSON;charset="UTF-8"', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
    ['application/cloudevents+json; charset=utf-8', 'json'],
    ['application/cloudevents-batch+json', 'json'],
  ])('of %s is %s', (contentType, format) => {
    expect(eventFormat(contentType)).toBe(format);
  });

  it.each([undefined, '', 'text/plain', 'text/csv', 'application/json; charset=latin1', 'constructor', '__proto__'])(
    'refuses %s',
    (contentType) => {
      expect((eventFormat(contentType) as BodyFault).reason).toBe('unsupported_media_type');
    },
  );
});
