import fc from 'fast-check';
import { configurationSchema } from '../configuration.schema.js';
import { type LabelEvent, MIN_SAMPLE_RATE, type PredictionEvent } from '../event.schema.js';
import { keyOfRecord, type PredictionRecord, type RefusedRecord } from '../topics.js';
import { createEventCodecs, type EventMessage } from './event-codecs.js';

const SENT_MS = Date.UTC(2026, 0, 15, 12);
const configuration = configurationSchema.parse({ intake: { maxEvents: 5, defaultProject: 'house' } });
const hashEntity = (entityId: string): string => Buffer.from(entityId).toString('hex').padEnd(16, '0').slice(0, 16);
const codecs = createEventCodecs({ configuration, hashEntity });
const predictions = codecs['plumbline.predictions'];
const labels = codecs['plumbline.labels'];

const message = (value: unknown, headers: EventMessage['headers'] = {}): EventMessage => ({
  value:
    value === null || value instanceof Buffer
      ? value
      : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers,
  timestampMs: SENT_MS,
});
const minimal = { model: 'loan', prediction_id: 'a', features: { age: 41 } };
const refusedBy = (value: unknown, headers?: EventMessage['headers']): RefusedRecord => {
  const record = predictions.decode(message(value, headers));
  if (record.type !== 'refused') throw new Error(`expected a refusal, but got ${JSON.stringify(record)}`);
  return record;
};
/** Records of a message, those of an array one by one. */
const flat = (record: PredictionRecord): PredictionRecord[] =>
  record.type === 'array' ? [...record.records] : [record];
const eventsIn = (record: PredictionRecord): PredictionEvent[] =>
  flat(record).flatMap((item) => (item.type === 'prediction' ? [item.event] : []));
/** What a comparison of records is about: buffers as text, and objects with a prototype. */
const plain = (record: unknown): unknown =>
  JSON.parse(
    JSON.stringify(record, (_key, value: unknown) =>
      value === Infinity ? 'inf' : value === -Infinity ? '-inf' : value,
    ),
  );

describe('a message of an external producer', () => {
  it('holds the object of POST /v1/predictions, with the project and the time of the message as defaults', () => {
    const [event] = eventsIn(predictions.decode(message(minimal)));
    expect(plain(event)).toEqual({
      project: 'house',
      model: 'loan',
      version: '1',
      predictionId: 'a',
      timestampMs: SENT_MS,
      features: { age: 41 },
      receivedAtMs: SENT_MS,
    });
  });

  it('holds the object of POST /v1/labels', () => {
    const record = labels.decode(message({ project: 'p', model: 'loan', prediction_id: 'a', label: true }));
    expect(plain(record)).toMatchObject({ type: 'label', event: { project: 'p', label: '1', timestampMs: SENT_MS } });
  });

  it('may name its project', () => {
    expect(eventsIn(predictions.decode(message({ ...minimal, project: 'p' })))[0]!.project).toBe('p');
  });

  it('may be an array, whose bad elements cost only themselves', () => {
    const record = predictions.decode(
      message([minimal, { ...minimal, prediction_id: 7 }, { ...minimal, prediction_id: 'b' }]),
    );
    expect(flat(record).map((item) => item.type)).toEqual(['prediction', 'refused', 'prediction']);
    expect(keyOfRecord(record)).toBe('house/loan');
  });

  it('holds events of one model, because one process owns a model', () => {
    const record = predictions.decode(message([minimal, { ...minimal, model: 'other', prediction_id: 'b' }]));
    expect(flat(record)[1]).toMatchObject({
      type: 'refused',
      reason: 'mixed_models',
      model: 'other',
      predictionId: 'b',
      detail: expect.stringContaining('a message of its own') as string,
    });
  });

  it.each<[string, unknown, EventMessage['headers']]>([
    [
      'binary mode',
      minimal,
      {
        ce_specversion: '1.0',
        ce_id: '1',
        ce_source: '/s',
        ce_type: 'ai.plumbline.prediction',
        'content-type': 'application/json',
      },
    ],
    [
      'binary mode with bytes in headers',
      minimal,
      {
        ce_specversion: Buffer.from('1.0'),
        ce_id: Buffer.from('1'),
        ce_source: Buffer.from('/s'),
        ce_type: [Buffer.from('ai.plumbline.prediction')],
      },
    ],
    [
      'structured mode',
      { specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction', data: minimal },
      { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    ],
    [
      'structured mode with base64',
      {
        specversion: '1.0',
        id: '1',
        source: '/s',
        type: 'ai.plumbline.prediction',
        data_base64: Buffer.from(JSON.stringify(minimal)).toString('base64'),
      },
      { 'Content-Type': 'application/cloudevents+json' },
    ],
    [
      'a batch',
      [{ specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction', data: minimal }],
      { 'content-type': 'application/cloudevents-batch+json' },
    ],
  ])('may be a CloudEvent: %s', (_name, value, headers) => {
    expect(eventsIn(predictions.decode(message(value, headers)))).toMatchObject([
      { model: 'loan', predictionId: 'a', timestampMs: SENT_MS },
    ]);
  });

  it('takes the time of a CloudEvent for an event without one', () => {
    const cloudEvent = {
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 'ai.plumbline.prediction',
      time: '2026-01-01T00:00:00Z',
    };
    const decode = (data: object) =>
      eventsIn(
        predictions.decode(message({ ...cloudEvent, data }, { 'content-type': 'application/cloudevents+json' })),
      )[0]!.timestampMs;
    expect(decode(minimal)).toBe(Date.UTC(2026, 0, 1));
    expect(decode({ ...minimal, timestamp: SENT_MS - 1 })).toBe(SENT_MS - 1);
  });

  it.each([
    ['a number', 4, {}, { sampleRate: 0.25 }],
    ['a text, as headers are', '30', {}, { sampleRate: 1 / 30 }],
    ['beside the rate of the event, which holds', 4, { sample_rate: 0.5 }, { sampleRate: 0.5 }],
    ['none', 0, {}, { field: 'sampledrate', reason: 'out_of_range' }],
    ['a part', 1.5, {}, { field: 'sampledrate', reason: 'out_of_range' }],
    ['a word', 'many', {}, { field: 'sampledrate', reason: 'out_of_range' }],
    ['more than a billion', 1e10, {}, { field: 'sampledrate', reason: 'out_of_range' }],
  ])('takes the rate of a sampled CloudEvent: %s', (_name, sampledrate, extra, expected) => {
    const attributes = { specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction', sampledrate };
    const cloudEvent = { ...attributes, data: { ...minimal, ...extra } };
    const decoded = predictions.decode(message(cloudEvent, { 'content-type': 'application/cloudevents+json' }));
    expect(decoded).toMatchObject('field' in expected ? expected : { event: expected });
  });
});

const cloudEventHeaders = { ce_specversion: '1.0', ce_id: '1', ce_source: '/s', ce_type: 'ai.plumbline.prediction' };
const structured = { 'content-type': 'application/cloudevents+json' };

describe('a hostile message becomes a refused record', () => {
  it.each<[string, unknown, EventMessage['headers'], string, string]>([
    ['without a value', null, {}, 'empty_message', ''],
    ['that is empty', '', {}, 'empty_message', ''],
    ['that the stream could not inflate', null, { 'plumbline-refused': 'a bomb' }, 'event_too_large', ''],
    ['of blanks', '  \n', {}, 'not_json', ''],
    ['of wrong UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), {}, 'not_json', ''],
    ['of binary', Buffer.from([0, 1, 2, 3, 0x5b]), {}, 'not_json', ''],
    ['that is cut off', '{"model":"loan', {}, 'not_json', ''],
    ['of another form', '"x"', {}, 'not_an_object', ''],
    ['that is null', 'null', {}, 'not_an_object', ''],
    ['of 10 MB', { ...minimal, features: { x: 'y'.repeat(10_000_000) } }, {}, 'event_too_large', ''],
    [
      'of deep nesting',
      `{"model":"loan","prediction_id":"a","features":{"x":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
      {},
      'too_deep',
      '',
    ],
    ['of deep nesting, as an array', `${'['.repeat(400_000)}${']'.repeat(400_000)}`, {}, 'not_an_object', ''],
    ['whose array has no end', '[{"model":"loan"}', {}, 'not_json', ''],
    ['of too many events', Array.from({ length: 6 }, () => minimal), {}, 'too_many_events', ''],
    [
      'with __proto__',
      '{"__proto__":{"polluted":1},"model":"loan","prediction_id":"a","features":{}}',
      {},
      'forbidden_key',
      '__proto__',
    ],
    [
      'with __proto__ among the features',
      '{"model":"loan","prediction_id":"a","features":{"__proto__":1}}',
      {},
      'forbidden_key',
      'features.__proto__',
    ],
    ['with a bad project', { ...minimal, project: '../x' }, {}, 'invalid_name', 'project'],
    ['with a made-up hash', { ...minimal, entity_hash: 'person-1' }, {}, 'invalid_name', 'entity_hash'],
    ['that asks to reconcile nothing', '{}', { 'plumbline-record': 'reconcile' }, 'wrong_type', ''],
    ['that asks to reconcile null', 'null', { 'plumbline-record': 'reconcile' }, 'wrong_type', ''],
    ['that asks to reconcile rubbish', '{', { 'plumbline-record': 'reconcile' }, 'not_json', ''],
    ['that is half a CloudEvent', minimal, { ce_id: '1' }, 'not_a_cloud_event', 'specversion'],
    [
      'that is a CloudEvent of another version',
      minimal,
      { ...cloudEventHeaders, ce_specversion: '0.3' },
      'not_a_cloud_event',
      'specversion',
    ],
    [
      'that is a CloudEvent of another type',
      minimal,
      { ...cloudEventHeaders, ce_type: 'org.kubeflow.serving.inference.request' },
      'not_a_cloud_event',
      'type',
    ],
    [
      'that is a CloudEvent of other data',
      minimal,
      { ...cloudEventHeaders, 'content-type': 'application/avro' },
      'not_a_cloud_event',
      'datacontenttype',
    ],
    [
      'that is a CloudEvent without data',
      { specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction' },
      structured,
      'missing',
      'data',
    ],
    [
      'that is a CloudEvent of a text',
      { specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction', data: '{}' },
      structured,
      'not_an_object',
      'data',
    ],
    [
      'that is a CloudEvent of broken base64',
      { specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction', data_base64: '////' },
      structured,
      'not_json',
      'data_base64',
    ],
    ['that says it is a CloudEvent and is a text', '"x"', structured, 'not_a_cloud_event', ''],
  ])('%s', (_name, value, headers, reason, field) => {
    const decoded = predictions.decode(message(value, headers));
    const record = decoded.type === 'array' ? decoded.records[0] : decoded;
    expect(record).toMatchObject({ type: 'refused', reason, field });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('with what came, the project and the names that can be read', () => {
    const value = Buffer.from(JSON.stringify({ ...minimal, project: 'p', surplus: 1 }));
    expect(refusedBy(value)).toMatchObject({ project: 'p', model: 'loan', predictionId: 'a', receivedAtMs: SENT_MS });
    expect(refusedBy(value).message.value.equals(value)).toBe(true);
    expect(refusedBy('x')).toMatchObject({ project: 'house', model: '', predictionId: '' });
    expect(keyOfRecord(refusedBy(value))).toBeUndefined();
  });

  it('without the data subject that it names', () => {
    const event = { ...minimal, entity_id: 'person-1', surplus: 1 };
    const cloudEvent = { specversion: '1.0', id: '1', source: '/s', type: 'ai.plumbline.prediction', data: event };
    for (const record of [
      refusedBy(event),
      refusedBy({ ...event, entity_id: 17 }),
      refusedBy(cloudEvent, structured),
    ]) {
      const text = record.message.value.toString();
      expect(text).not.toMatch(/person-1|entity_id/);
      expect(text).toContain('entity_hash');
    }
  });

  it('that is too deep to be written again, without its data subject all the same', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const event = `{"model":"loan","prediction_id":"a","entity_id":"person-1","features":{"x":${deep}}}`;
    const cloudEvent = `{"specversion":"1.0","id":"1","source":"/s","type":"ai.plumbline.prediction","data":${event}}`;
    for (const record of [
      refusedBy(event),
      refusedBy(cloudEvent, structured),
      refusedBy(`{"model":"loan","prediction_id":"a","features":{},"entity_id":${deep}}`),
    ]) {
      expect(record.reason).toBe('too_deep');
      const text = record.message.value.toString();
      expect(text).not.toMatch(/person-1|entity_id/);
      expect(text).toContain('entity_hash');
    }
  });

  it('whose time, when it is nonsense, is the beginning of time, so that whoever stores it finds it too old', () => {
    for (const timestampMs of [-1, NaN, 8e15, 1.5]) {
      expect(eventsIn(predictions.decode({ ...message(minimal), timestampMs }))[0]).toMatchObject({
        timestampMs: 0,
        receivedAtMs: 0,
      });
    }
  });

  it('has the time of the message for its receipt where the header is nonsense', () => {
    for (const header of ['', 'today', '-1', '1e30']) {
      const decoded = predictions.decode(message(minimal, { 'plumbline-received-at': header }));
      expect(eventsIn(decoded)[0]).toMatchObject({ receivedAtMs: SENT_MS });
    }
  });

  it('of whatever bytes and headers', () => {
    const name = fc.constantFrom(
      'content-type',
      'ce_id',
      'ce_type',
      'ce_specversion',
      'plumbline-record',
      'plumbline-received-at',
      'plumbline-project',
      'x',
    );
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('application/cloudevents+json', 'application/cloudevents-batch+json', 'reconcile', '1.0'),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.constantFrom(Buffer.from('[{},[],1]')),
    );
    fc.assert(
      fc.property(bytes, fc.dictionary(name, text, { maxKeys: 4 }), (value, headers) => {
        for (const codec of [predictions, labels]) {
          const record = codec.decode(message(Buffer.from(value), headers));
          expect(['refused', 'array', 'reconcile']).toContain(record.type);
        }
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });
});

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/);
const featureName = fc
  .string({ minLength: 1, maxLength: 10 })
  .filter(
    (text) =>
      /^[^$\u0000-\u001f][^\u0000-\u001f]*$/.test(text) && !['__proto__', 'constructor', 'prototype'].includes(text),
  );
const key = fc.string({ maxLength: 8 }).filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const optional = { requiredKeys: ['project', 'model', 'predictionId', 'timestampMs', 'receivedAtMs'] } as const;
const times = { timestampMs: fc.integer({ min: 0, max: 4e12 }), receivedAtMs: fc.integer({ min: 0, max: 4e12 }) };
const nonEmpty = fc.string({ minLength: 1, maxLength: 20 });
const anyPrediction = fc.record(
  {
    project: name,
    model: name,
    version: name,
    predictionId: nonEmpty,
    ...times,
    features: fc.dictionary(
      featureName,
      fc.oneof(fc.double({ noNaN: true }), fc.string({ maxLength: 10 }), fc.boolean(), fc.constant(null)),
    ),
    label: fc.string(),
    value: finite,
    score: finite,
    scores: fc.dictionary(key, finite),
    latencyMs: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    error: nonEmpty,
    tags: fc.dictionary(key, fc.string({ maxLength: 10 })),
    entityHash: fc.stringMatching(/^[0-9a-f]{16}$/),
    traceId: fc.string(),
    sampleRate: fc.double({ min: MIN_SAMPLE_RATE, max: 1, noNaN: true }),
  },
  { requiredKeys: [...optional.requiredKeys, 'version', 'features'] },
) as fc.Arbitrary<PredictionEvent>;
const anyLabel = fc.record(
  {
    project: name,
    model: name,
    predictionId: nonEmpty,
    ...times,
    label: fc.string(),
    value: finite,
    weight: fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }),
  },
  { requiredKeys: [...optional.requiredKeys, 'label'] },
) as fc.Arbitrary<LabelEvent>;

describe('what encode writes, decode reads', () => {
  it('for any prediction', () => {
    fc.assert(
      fc.property(anyPrediction, (event) => {
        const { value, headers } = predictions.encode({ type: 'prediction', event });
        expect(plain(eventsIn(predictions.decode(message(value, headers)))[0])).toEqual(plain(event));
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it('for any label', () => {
    fc.assert(
      fc.property(anyLabel, (event) => {
        const { value, headers } = labels.encode({ type: 'label', event });
        expect(plain(labels.decode(message(value, headers)))).toMatchObject({ event: plain(event) as object });
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('for requests to reconcile, of both topics', () => {
    for (const codec of [predictions, labels]) {
      for (const record of [
        { type: 'reconcile', project: 'p', model: 'm' },
        { type: 'reconcile', project: 'p', model: 'm', requestId: 'r-1' },
      ] as const) {
        const { value, headers } = codec.encode(record);
        expect(codec.decode(message(value, headers))).toEqual(record);
        expect(keyOfRecord(record)).toBe('p/m');
      }
    }
  });

  it.each<[string, unknown, EventMessage['headers']]>([
    ['an event', { ...minimal, project: 'p' }, {}],
    ['an event with a data subject', { ...minimal, entity_id: 'person-1' }, {}],
    ['an array with refused and mixed elements', [minimal, {}, { ...minimal, model: 'x' }], {}],
    ['a refused event', { ...minimal, project: 'p', surplus: 1 }, {}],
    ['no JSON', Buffer.from([0xff]), {}],
    ['a CloudEvent', minimal, cloudEventHeaders],
    ['a refused CloudEvent', {}, cloudEventHeaders],
  ])('and publishing again what was decoded changes nothing: %s', (_name, value, headers) => {
    const once = predictions.decode(message(value, headers));
    const again = predictions.decode({ ...predictions.encode(once), timestampMs: SENT_MS + 3_600_000 });
    const events = (record: PredictionRecord): unknown =>
      flat(record).map((item) =>
        item.type === 'prediction'
          ? plain(item.event)
          : item.type === 'refused'
            ? [item.reason, item.project, item.detail]
            : item,
      );
    expect(events(again)).toEqual(events(once));
  });

  it('passes on the bytes of intake, unless they tell who an event is about', () => {
    const wire = Buffer.from(`${JSON.stringify(minimal)} `);
    const event = eventsIn(predictions.decode(message(minimal)))[0]!;
    expect(predictions.encode({ type: 'prediction', event, wire }).value).toBe(wire);
    const record = predictions.decode(message({ ...minimal, entity_id: 'person-1' }));
    expect(predictions.encode(record).value.toString()).not.toMatch(/person-1|entity_id/);
    expect(eventsIn(record)[0]!.entityHash).toBe(hashEntity('person-1'));
  });
});

describe('a message of columns', () => {
  const headers = { 'content-type': 'application/vnd.plumbline.columns+json; charset=utf-8' };
  const columns = {
    model: 'loan',
    prediction_id: ['a', 'b', 'c'],
    features: { age: [41, null, 7], city: ['U', 'V', 'W'] },
  };

  it('holds many predictions of one model, and what is written of them is read again', () => {
    const record = predictions.decode(message({ ...columns, project: 'p', latency_ms: [1, null, 3] }, headers));
    expect(record).toMatchObject({ type: 'columns', columns: { project: 'p', rows: 3, latenciesMs: [1, null, 3] } });
    expect(keyOfRecord(record)).toBe('p/loan');
    const { value, headers: written } = predictions.encode(record);
    expect(predictions.decode({ value, headers: written, timestampMs: SENT_MS + 5 })).toEqual(record);
  });

  it('keeps a damaged row as the message of its own that it would have been', () => {
    const ids = ['a', '', 'c'];
    const record = predictions.decode(
      message({ ...columns, prediction_id: ids, entity_id: ['x', 'y', null] }, headers),
    );
    const refused = flat(record).filter((item): item is RefusedRecord => item.type === 'refused');
    expect(refused).toMatchObject([{ reason: 'missing', field: 'prediction_id', model: 'loan' }]);
    const { value, headers: kept } = refused[0]!.message;
    expect(JSON.parse(value.toString())).toMatchObject({
      features: { city: 'V' },
      entity_hash: hashEntity('y'),
    });
    expect(predictions.decode({ value, headers: kept, timestampMs: SENT_MS })).toMatchObject({ reason: 'missing' });
    expect(keyOfRecord(record)).toBe('house/loan');
  });

  it('keeps a row that is too deep to be written again', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const text = `{"model":"loan","prediction_id":["a","b"],"features":{"x":[1,${deep}]}}`;
    const refused = flat(predictions.decode(message(text, headers))).filter(({ type }) => type === 'refused');
    expect(refused).toMatchObject([{ reason: 'too_deep', predictionId: 'b' }]);
  });

  it.each([
    ['lists of two lengths', { ...columns, timestamp: [1] }, 'out_of_range'],
    ['more rows than are allowed', { ...columns, prediction_id: 'abcdef'.split('') }, 'too_many_events'],
    ['no JSON', Buffer.from('a,b'), 'not_json'],
    ['nothing', null, 'empty_message'],
  ])('is refused whole when it holds %s', (_name, value, reason) => {
    expect(refusedBy(value, headers)).toMatchObject({ reason });
  });
});
