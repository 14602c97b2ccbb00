import fc from 'fast-check';
import { configurationSchema } from '../configuration.schema.js';
import {
  labelWireSchema,
  predictionWireSchema,
  type LabelEvent,
  type PredictionEvent,
  type Rejection,
} from '../event.schema.js';
import { EventFault } from './event-fault.js';
import { IntakeContexts, type IntakeContext } from './intake-context.js';
import { parseLabel } from './parse-label.js';
import { parsePrediction } from './parse-prediction.js';
import { readEvent } from './read-event.js';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const configuration = configurationSchema.parse({
  intake: {
    maxEventBytes: 100_000,
    maxFeatures: 5,
    maxDepth: 4,
    maxStringLength: 100,
    maxAge: '365d',
    maxAhead: '10m',
  },
});
const context: IntakeContext = new IntakeContexts(configuration, (id) => `hash of ${id}`).create(
  'p',
  NOW_MS,
  (model) => model !== 'unregistered',
);

interface Read<E> {
  readonly events: readonly E[];
  readonly rejected: readonly Rejection[];
}

function readAll<E extends object>(
  lines: readonly (string | Buffer)[],
  parse: (raw: unknown, context: IntakeContext) => E | EventFault,
): Read<E> {
  const events: E[] = [];
  const rejected: Rejection[] = [];
  for (const [index, line] of lines.entries()) {
    const result = readEvent(Buffer.from(line), parse, context);
    if (result instanceof EventFault) rejected.push({ index, ...result });
    else events.push(result);
  }
  return { events, rejected };
}

const predictions = (...lines: (string | Buffer)[]): Read<PredictionEvent> => readAll(lines, parsePrediction);
const labels = (...lines: string[]): Read<LabelEvent> => readAll(lines, parseLabel);

const minimal = { model: 'loan', prediction_id: 'a', features: {} };
const prediction = (extra: object): string => JSON.stringify({ ...minimal, ...extra });
/** An event whose features are the given JSON text: for what JSON.stringify cannot write. */
const withFeatures = (features: string): string => `{"model":"loan","prediction_id":"a","features":${features}}`;
const label = (extra: object): string => JSON.stringify({ model: 'loan', prediction_id: 'a', label: 1, ...extra });

describe('a prediction that is accepted', () => {
  it('is renamed, with its classes as canonical texts and its data subject hashed', () => {
    const { events, rejected } = predictions(
      prediction({
        version: '7',
        timestamp: '2026-01-15T13:00:00+02:00',
        features: { age: 41, 'with "quotes" ü': 'x', owns: true, income: null },
        prediction: { label: 1.0, value: -0.5, score: 0.25, scores: { '0': 0.75, '1': 0.25 } },
        latency_ms: 3.5,
        error: true,
        tags: { region: 'eu' },
        entity_id: 'person-1',
        trace_id: 't',
        sample_rate: 0.1,
      }),
    );
    expect(rejected).toEqual([]);
    expect(JSON.parse(JSON.stringify(events[0]!))).toEqual({
      project: 'p',
      model: 'loan',
      version: '7',
      predictionId: 'a',
      timestampMs: Date.UTC(2026, 0, 15, 11),
      features: { age: 41, 'with "quotes" ü': 'x', owns: true, income: null },
      label: '1',
      value: -0.5,
      score: 0.25,
      scores: { '0': 0.75, '1': 0.25 },
      latencyMs: 3.5,
      error: 'error',
      tags: { region: 'eu' },
      entityHash: 'hash of person-1',
      traceId: 't',
      sampleRate: 0.1,
      receivedAtMs: NOW_MS,
    });
  });

  it('has features, tags and scores without a prototype', () => {
    const { events } = predictions(prediction({ tags: {}, prediction: { scores: {} } }));
    const { features, tags, scores } = events[0]!;
    for (const fields of [features, tags, scores]) expect(Object.getPrototypeOf(fields)).toBeNull();
  });

  it('holds U+FFFD wherever a text had half a surrogate pair, since nothing else can be stored', () => {
    const half = '"x\\ud83d"';
    const { events, rejected } = predictions(
      `{"model":"loan","prediction_id":"a","features":{"city":${half}},"prediction":{"label":${half},"scores":{${half}:1}},
        "error":${half},"tags":{${half}:${half},"whole":"\\ud83d\\ude00"},"entity_id":${half},"trace_id":${half}}`,
    );
    expect(rejected).toEqual([]);
    expect(JSON.parse(JSON.stringify(events[0]!))).toMatchObject({
      features: { city: 'x\ufffd' },
      label: 'x\ufffd',
      scores: { 'x\ufffd': 1 },
      error: 'x\ufffd',
      tags: { 'x\ufffd': 'x\ufffd', whole: '\ud83d\ude00' },
      entityHash: 'hash of x\ufffd',
      traceId: 'x\ufffd',
    });
    expect(Object.getPrototypeOf(events[0]!.tags)).toBeNull();
    expect(labels(`{"model":"loan","prediction_id":"a","label":${half}}`).events[0]).toMatchObject({
      label: 'x\ufffd',
    });
  });

  it('keeps a number too large for a double as infinite, to be counted as invalid', () => {
    const { events } = predictions(withFeatures('{"x":1e999,"y":-1e999}'));
    expect({ ...events[0]!.features }).toEqual({ x: Infinity, y: -Infinity });
  });

  it.each([
    ['its own', { timestamp: NOW_MS - 5 }, NOW_MS - 5],
    [
      'that of its id, when that is a UUIDv7',
      { prediction_id: '019bbe33-8480-7000-8000-000000000000' },
      0x019bbe338480,
    ],
    ['now otherwise', {}, NOW_MS],
  ])('has a time: %s', (_name, extra, timestampMs) => {
    expect(predictions(prediction(extra)).events[0]?.timestampMs).toBe(timestampMs);
  });

  it.each([
    [false, undefined],
    ['', undefined],
    ['boom', 'boom'],
  ])('with error %j has error %j', (error, expected) => {
    expect(predictions(prediction({ error })).events[0]?.error).toBe(expected);
  });

  it('may come twice: the ingester counts it once', () => {
    expect(predictions(prediction({}), prediction({})).events).toHaveLength(2);
  });
});

describe('a prediction that is refused', () => {
  it.each<[string, string | Buffer, string, string]>([
    ['no JSON', '{"model":', '', 'not_json'],
    ['NaN', withFeatures('{"x":NaN}'), '', 'not_json'],
    ['Infinity', withFeatures('{"x":-Infinity}'), '', 'not_json'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), '', 'not_json'],
    ['an array', '[]', '', 'not_an_object'],
    ['null', 'null', '', 'not_an_object'],
    ['a text', '"x"', '', 'not_an_object'],
    ['10 MB of text', prediction({ features: { x: 'y'.repeat(10_000_000) } }), '', 'event_too_large'],
    ['a long text', prediction({ features: { x: 'y'.repeat(101) } }), 'features.x', 'too_long'],
    ['a long tag', prediction({ tags: { x: 'y'.repeat(101) } }), 'tags.x', 'too_long'],
    ['a long error', prediction({ error: 'y'.repeat(101) }), 'error', 'too_long'],
    ['a long id', prediction({ prediction_id: 'y'.repeat(257) }), 'prediction_id', 'too_long'],
    [
      'a long feature name',
      prediction({ features: { ['y'.repeat(257)]: 1 } }),
      `features.${'y'.repeat(64)}`,
      'too_long',
    ],
    ['half a surrogate pair in a feature name', withFeatures('{"\\ud800x":1}'), 'features', 'invalid_name'],
    ['50 000 levels', withFeatures(`{"x":${'['.repeat(49_000)}${']'.repeat(49_000)}}`), '', 'too_deep'],
    ['an unknown field that is deep', prediction({ other: [[[[1]]]] }), '', 'too_deep'],
    ['an unknown field', prediction({ other: 1 }), 'other', 'unknown_field'],
    ['an unknown output', prediction({ prediction: { klass: 1 } }), 'prediction.klass', 'unknown_field'],
    ['a project', prediction({ project: 'other' }), 'project', 'unknown_field'],
    ['__proto__ among the features', withFeatures('{"__proto__":{"a":1}}'), 'features.__proto__', 'forbidden_key'],
    ['constructor among the features', withFeatures('{"constructor":1}'), 'features.constructor', 'forbidden_key'],
    ['prototype among the tags', prediction({ tags: { prototype: 'x' } }), 'tags.prototype', 'forbidden_key'],
    [
      '__proto__ among the scores',
      '{"model":"loan","prediction_id":"a","features":{},"prediction":{"scores":{"__proto__":1}}}',
      'prediction.scores.__proto__',
      'forbidden_key',
    ],
    ['__proto__ in the event', '{"__proto__":{},"model":"loan"}', '__proto__', 'forbidden_key'],
    ['no model', '{"prediction_id":"a","features":{}}', 'model', 'missing'],
    ['no id', '{"model":"loan","features":{}}', 'prediction_id', 'missing'],
    ['an empty id', prediction({ prediction_id: '' }), 'prediction_id', 'missing'],
    ['an id that UTF-8 cannot hold', prediction({ prediction_id: 'a\ud800' }), 'prediction_id', 'invalid_name'],
    ['no features', '{"model":"loan","prediction_id":"a"}', 'features', 'missing'],
    ['features null', prediction({ features: null }), 'features', 'wrong_type'],
    ['features as a list', prediction({ features: [1] }), 'features', 'wrong_type'],
    ['an object as a feature', prediction({ features: { ok: 1, x: { y: 1 } } }), 'features.x', 'wrong_type'],
    ['a list as a feature', prediction({ features: { x: [1] } }), 'features.x', 'wrong_type'],
    [
      'too many features',
      prediction({ features: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 } }),
      'features',
      'too_many_features',
    ],
    ['a reserved name', prediction({ features: { $prediction: 1 } }), 'features.$prediction', 'invalid_name'],
    ['an empty name', prediction({ features: { '': 1 } }), 'features.', 'invalid_name'],
    ['a control character', prediction({ features: { 'a\u0000': 1 } }), 'features.a\u0000', 'invalid_name'],
    ['a model with a slash', prediction({ model: 'a/b' }), 'model', 'invalid_name'],
    ['a long model', prediction({ model: 'm'.repeat(129) }), 'model', 'too_long'],
    ['a number as version', prediction({ version: 1 }), 'version', 'wrong_type'],
    ['a model nobody registered', prediction({ model: 'unregistered' }), 'model', 'unknown_model'],
    [
      'an infinite value',
      '{"model":"loan","prediction_id":"a","features":{},"prediction":{"value":1e999}}',
      'prediction.value',
      'not_finite',
    ],
    [
      'an infinite score',
      '{"model":"loan","prediction_id":"a","features":{},"prediction":{"score":-1e999}}',
      'prediction.score',
      'not_finite',
    ],
    [
      'an infinite class',
      '{"model":"loan","prediction_id":"a","features":{},"prediction":{"label":1e999}}',
      'prediction.label',
      'not_finite',
    ],
    [
      'an infinite latency',
      '{"model":"loan","prediction_id":"a","features":{},"latency_ms":1e999}',
      'latency_ms',
      'not_finite',
    ],
    ['a negative latency', prediction({ latency_ms: -1 }), 'latency_ms', 'out_of_range'],
    ['a sample rate of nothing', prediction({ sample_rate: 0 }), 'sample_rate', 'out_of_range'],
    ['a sample rate too small for its inverse', prediction({ sample_rate: 5e-324 }), 'sample_rate', 'out_of_range'],
    ['more than all predictions', prediction({ sample_rate: 1.01 }), 'sample_rate', 'out_of_range'],
    ['a sample rate as text', prediction({ sample_rate: '0.1' }), 'sample_rate', 'wrong_type'],
    ['a time without a zone', prediction({ timestamp: '2026-01-15T12:00:00' }), 'timestamp', 'wrong_type'],
    ['a day that is not', prediction({ timestamp: '2025-02-29T12:00:00Z' }), 'timestamp', 'wrong_type'],
    ['half a millisecond', prediction({ timestamp: NOW_MS + 0.5 }), 'timestamp', 'wrong_type'],
    ['the far past', prediction({ timestamp: '1970-01-01T00:00:00Z' }), 'timestamp', 'too_far_in_the_past'],
    ['the far future', prediction({ timestamp: '9999-12-31T23:59:59Z' }), 'timestamp', 'too_far_in_the_future'],
    ['11 minutes ahead', prediction({ timestamp: NOW_MS + 660_000 }), 'timestamp', 'too_far_in_the_future'],
    [
      'a UUIDv7 of 1970',
      prediction({ prediction_id: '00000000-0001-7000-8000-000000000000' }),
      'prediction_id',
      'too_far_in_the_past',
    ],
  ])('for %s', (_name, line, field, reason) => {
    const { events, rejected } = predictions(line);
    expect(events).toEqual([]);
    expect(rejected).toEqual([{ index: 0, field, reason, message: expect.stringMatching(/\w/) as string }]);
  });

  it('says what to do about NaN, and about seconds sent as milliseconds', () => {
    const seconds = NOW_MS / 1000;
    const { rejected } = predictions(withFeatures('{"x": NaN}'), prediction({ timestamp: seconds }));
    expect(rejected[0]?.message).toContain('send null');
    expect(rejected[1]?.message).toContain('milliseconds, not seconds');
  });

  it('costs only itself', () => {
    const { events, rejected } = predictions(prediction({}), 'x', prediction({ version: 2 }), prediction({}));
    expect(events).toHaveLength(2);
    expect(rejected.map(({ index, field, reason }) => [index, field, reason])).toEqual([
      [1, '', 'not_json'],
      [2, 'version', 'wrong_type'],
    ]);
  });

  it('pollutes nothing', () => {
    predictions(withFeatures('{"__proto__":{"polluted":1}}'), '{"__proto__":{"polluted":1}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('a label', () => {
  it('is renamed', () => {
    const { events } = labels(label({ label: true, value: 2, timestamp: NOW_MS - 1, weight: 0.5 }));
    expect(events[0]!).toEqual({
      project: 'p',
      model: 'loan',
      predictionId: 'a',
      timestampMs: NOW_MS - 1,
      label: '1',
      value: 2,
      weight: 0.5,
      receivedAtMs: NOW_MS,
    });
  });

  it('without a time has that of its arrival, so that a correction wins', () => {
    const { events } = labels(label({ prediction_id: '019bbe33-8480-7000-8000-000000000000' }));
    expect(events[0]!.timestampMs).toBe(NOW_MS);
  });

  it.each<[string, string, string]>([
    ['{"model":"loan","prediction_id":"a"}', 'label', 'missing'],
    [label({ label: null }), 'label', 'wrong_type'],
    [label({ weight: 0 }), 'weight', 'out_of_range'],
    [label({ features: {} }), 'features', 'unknown_field'],
    [label({ timestamp: '2001-01-01T00:00:00Z' }), 'timestamp', 'too_far_in_the_past'],
    [label({ model: 'unregistered' }), 'model', 'unknown_model'],
    ['{"model":"loan","prediction_id":"a","value":1e999}', 'value', 'not_finite'],
  ])('%s is refused for its %s: %s', (line, field, reason) => {
    expect(labels(line).rejected[0]).toMatchObject({ field, reason });
  });
});

/** Values that are good in some field and bad in others. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    '',
    'x',
    '1',
    'a/b',
    '-x',
    0,
    -1,
    1.5,
    [],
    {},
    { a: 1 },
    { a: 'b' },
    { a: [] },
  ),
  fc.constantFrom<unknown>(
    '2026-01-15T11:00:00Z',
    '2026-01-15T11:00:00.123456+00:30',
    '2026-01-15',
    NOW_MS,
    NOW_MS + 0.5,
  ),
  fc.constantFrom<unknown>(
    { label: 1 },
    { label: [] },
    { value: 'x' },
    { score: 0.5, scores: { a: 1 } },
    { scores: { a: 'b' } },
    { x: 1 },
  ),
  fc.string({ maxLength: 20 }),
);
const mutations = (fields: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.constantFrom(...fields, 'surplus'), anyValue, { maxKeys: 3 });
const removed = (fields: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...fields], { maxLength: 1 });

/** Rules of intake that the wire schema does not have: limits, and names that could do harm. */
const ownRules = new Set([
  'too_far_in_the_past',
  'too_far_in_the_future',
  'forbidden_key',
  'unknown_model',
  'too_deep',
]);

describe('the hand-written checks', () => {
  const predictionFields = Object.keys(predictionWireSchema.shape);
  it('agree with predictionWireSchema', () => {
    fc.assert(
      fc.property(mutations(predictionFields), removed(predictionFields), (changes, gone) => {
        const event: Record<string, unknown> = { ...minimal, timestamp: NOW_MS, version: '1', ...changes };
        for (const field of gone) delete event[field];
        const text = JSON.stringify(event);
        const { events, rejected } = predictions(text);
        if (ownRules.has(rejected[0]?.reason ?? '')) return;
        expect({ text, ok: events.length === 1, why: rejected }).toEqual({
          text,
          ok: predictionWireSchema.safeParse(JSON.parse(text)).success,
          why: rejected,
        });
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  const labelFields = ['model', 'prediction_id', 'label', 'value', 'timestamp', 'weight'];
  it('agree with labelWireSchema', () => {
    fc.assert(
      fc.property(mutations(labelFields), removed(labelFields), (changes, gone) => {
        const event: Record<string, unknown> = { model: 'loan', prediction_id: 'a', label: '1', ...changes };
        for (const field of gone) delete event[field];
        const text = JSON.stringify(event);
        const { events, rejected } = labels(text);
        if (ownRules.has(rejected[0]?.reason ?? '')) return;
        expect({ text, ok: events.length === 1 }).toEqual({
          text,
          ok: labelWireSchema.safeParse(JSON.parse(text)).success,
        });
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });
});
