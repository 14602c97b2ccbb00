import { BodyFault } from './body-fault.js';
import { type EventFormat, splitEvents } from './split-events.js';

const split = (body: string | Buffer, format: EventFormat, maxEvents = 100): string[] | string => {
  const result = splitEvents(Buffer.from(body), format, maxEvents);
  return result instanceof BodyFault ? result.reason : result.slices.map((slice) => slice.toString().trim());
};

describe('splitEvents', () => {
  it.each([
    ['LF', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['CRLF', '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['blank lines', '\n \t\r\n{"a":1}\n\n\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['a byte order mark', '\ufeff{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
    ['nothing', '', []],
    ['blanks only', ' \n \r\n', []],
    ['a damaged line, which is kept for its own rejection', '{"a":\n{"b":2}', ['{"a":', '{"b":2}']],
  ])('cuts NDJSON with %s', (_name, body, events) => {
    expect(split(body, 'ndjson')).toEqual(events);
  });

  it.each([
    ['an object', ' {"a":1} ', ['{"a":1}']],
    ['an object after a byte order mark', '\ufeff{"a":1}', ['{"a":1}']],
    ['an empty array', ' [ ] ', []],
    ['an array', '[{"a":1}, {"b":[1,{"c":2}]}]\n', ['{"a":1}', '{"b":[1,{"c":2}]}']],
    [
      'strings that hold brackets, commas and quotes',
      '[{"a":"],[\\"{,"},{"b":"\\\\"}]',
      ['{"a":"],[\\"{,"}', '{"b":"\\\\"}'],
    ],
    ['elements that are no objects', '[1,"x",null]', ['1', '"x"', 'null']],
  ])('cuts JSON: %s', (_name, body, events) => {
    expect(split(body, 'json')).toEqual(events);
  });

  it.each(['', '  ', '[', '[{"a":1}', '[{"a":1},', '[1,]', '[,1]', '[1,,2]', '[1] 2', '["a', '[{"a":1}}'])(
    'refuses a damaged array: %j',
    (body) => {
      expect(split(body, 'json')).toBe('not_json');
    },
  );

  it('agrees with JSON.parse on what the elements of an array are', () => {
    const values = [{ 'k"]': ['\\', '",', { '{': '}' }] }, [[[]]], -1.5e3, 'ü\u2028', true, { a: {} }];
    const text = JSON.stringify(values, null, 2);
    expect((split(text, 'json') as string[]).map((slice) => JSON.parse(slice) as unknown)).toEqual(values);
  });

  it.each<[EventFormat, string]>([
    ['ndjson', '1\n2\n3'],
    ['json', '[1,2,3]'],
  ])('stops at the limit of events (%s)', (format, body) => {
    expect(split(body, format, 3)).toHaveLength(3);
    expect(split(body, format, 2)).toBe('too_many_events');
  });
});
