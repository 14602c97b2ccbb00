import fc from 'fast-check';
import { configurationSchema } from '../configuration.schema.js';
import type { PredictionEvent } from '../event.schema.js';
import type { FeatureColumn } from '../prediction-columns.js';
import { BodyFault } from './body-fault.js';
import { eventOfRow } from './columns-rows.js';
import { columnsText } from './columns-text.js';
import { EventFault } from './event-fault.js';
import { IntakeContexts } from './intake-context.js';
import {
  type ParsedColumns,
  parsePredictionColumns,
  predictionColumnsInSteps,
  rowOfWireColumns,
} from './parse-prediction-columns.js';
import { parsePrediction } from './parse-prediction.js';
import type { ColumnsLimits } from './prediction-columns-builder.js';

const NOW_MS = Date.UTC(2026, 5, 1);
const contexts = new IntakeContexts(configurationSchema.parse({}), (entity) =>
  Buffer.from(entity).toString('hex').padEnd(16, '0').slice(0, 16),
);
const context = contexts.create('p', NOW_MS, (model) => model !== 'stranger');

function parse(raw: unknown, maxRows = 100): ParsedColumns {
  const parsed = parsePredictionColumns(raw, context, maxRows);
  if (parsed instanceof EventFault || parsed instanceof BodyFault) throw new Error(JSON.stringify(parsed));
  return parsed;
}

function faultOf(raw: unknown, maxRows = 100): Record<string, unknown> {
  const parsed = parsePredictionColumns(raw, context, maxRows);
  if (!(parsed instanceof EventFault || parsed instanceof BodyFault)) throw new Error('no fault');
  return { ...parsed };
}

function inSteps(raw: unknown, limits: ColumnsLimits): ParsedColumns {
  const steps = predictionColumnsInSteps(raw, context, 1_000, limits);
  for (;;) {
    const { done, value } = steps.next();
    if (done !== true) continue;
    if (value instanceof EventFault || value instanceof BodyFault) throw new Error(JSON.stringify(value));
    return value;
  }
}

const eventsOf = ({ batches }: ParsedColumns): PredictionEvent[] =>
  batches.flatMap(({ columns }) => columns.predictionIds.map((_id, row) => plainObject(eventOfRow(columns, row))));
const plainObject = (event: PredictionEvent): PredictionEvent => JSON.parse(JSON.stringify(event)) as PredictionEvent;

const TWO = { model: 'loan', prediction_id: ['a', 'b'], features: { income: [1.5, null], city: ['Ulm', 'Bonn'] } };

describe('parsePredictionColumns', () => {
  it('takes plain values column by column, and packs numbers', () => {
    const raw = {
      ...TWO,
      version: '2',
      timestamp: [NOW_MS - 2, NOW_MS - 1],
      prediction: { label: [1, true], score: [0.5, null] },
      latency_ms: [3, null],
      sample_rate: [0.25, null],
    };
    const { batches, rejected, rows } = parse(raw);
    expect([rows, rejected, batches.length]).toEqual([2, [], 1]);
    expect(batches[0]!.columns).toEqual({
      project: 'p',
      model: 'loan',
      version: '2',
      rows: 2,
      predictionIds: ['a', 'b'],
      timestampsMs: [NOW_MS - 2, NOW_MS - 1],
      receivedAtMs: [NOW_MS, NOW_MS],
      features: new Map<string, FeatureColumn>([
        ...Object.entries(TWO.features),
        ['income', { packed: Float64Array.of(1.5, NaN) }],
      ]),
      labels: ['1', '1'],
      scores: [0.5, null],
      latenciesMs: [3, null],
      sampleRates: [0.25, null],
    });
  });

  it('takes rows with tags, errors, data subjects and texts of time as single predictions are taken', () => {
    const raw = {
      ...TWO,
      timestamp: ['2026-05-31T00:00:00Z', NOW_MS],
      prediction: { scores: { yes: [0.25, null], no: [0.75, null] } },
      tags: { region: ['eu', null] },
      error: [null, true],
      entity_id: ['somebody', null],
      trace_id: [null, 't-1'],
    };
    const events = eventsOf(parse(raw));
    expect(events).toEqual([
      expect.objectContaining({
        predictionId: 'a',
        timestampMs: Date.UTC(2026, 4, 31),
        scores: { yes: 0.25, no: 0.75 },
        tags: { region: 'eu' },
        entityHash: '736f6d65626f6479',
      }),
      expect.objectContaining({ predictionId: 'b', error: 'error', traceId: 't-1' }),
    ]);
    expect(events[1]).not.toHaveProperty('tags');
  });

  it('refuses a damaged row alone, naming row, field and remedy', () => {
    const raw = {
      model: 'loan',
      prediction_id: ['a', 7, '', 'd', 'e', 'f'],
      timestamp: [NOW_MS, NOW_MS, NOW_MS, NOW_MS / 1000, NOW_MS, NOW_MS],
      features: { income: [1, 2, 3, 4, [5], 6] },
      sample_rate: [1, 1, 1, 1, 1, 0],
    };
    const parsed = parse(raw);
    expect(eventsOf(parsed).map(({ predictionId }) => predictionId)).toEqual(['a']);
    expect(parsed.rejected.map(({ index, fault }) => [index, fault.field, fault.reason])).toEqual([
      [1, 'prediction_id', 'wrong_type'],
      [2, 'prediction_id', 'missing'],
      [3, 'timestamp', 'too_far_in_the_past'],
      [4, 'features.income', 'wrong_type'],
      [5, 'sample_rate', 'out_of_range'],
    ]);
    expect(parsed.rejected[4]!.fault.message).toContain('0.1 for one of ten, or leave it out');
    expect(parsed.rejected[2]!.fault.message).toContain('send milliseconds, not seconds');
  });

  it.each([
    ['no object', [1], { reason: 'not_an_object' }],
    ['no ids', { model: 'm', features: {} }, { field: 'prediction_id', reason: 'missing' }],
    ['ids of no row', { model: 'm', prediction_id: [], features: {} }, { field: 'prediction_id', reason: 'missing' }],
    ['no features', { model: 'm', prediction_id: ['a'] }, { field: 'features', reason: 'missing' }],
    ['a value where a list belongs', { ...TWO, timestamp: 1 }, { field: 'timestamp', reason: 'wrong_type' }],
    ['lists of two lengths', { ...TWO, latency_ms: [1] }, { field: 'latency_ms', reason: 'out_of_range' }],
    ['a feature of another length', { ...TWO, features: { x: [1] } }, { field: 'features.x', reason: 'out_of_range' }],
    ['a score list by class that is none', { ...TWO, prediction: { scores: [1, 2] } }, { field: 'prediction.scores' }],
    ['an unknown field', { ...TWO, lable: [1, 2] }, { field: 'lable', reason: 'unknown_field' }],
    ['no model', { ...TWO, model: undefined }, { field: 'model', reason: 'missing' }],
    ['a model that is not registered', { ...TWO, model: 'stranger' }, { field: 'model', reason: 'unknown_model' }],
    ['a bad name of a feature', { ...TWO, features: { $x: [1, 2] } }, { field: 'features.$x', reason: 'invalid_name' }],
    [
      'a forbidden name of a feature',
      JSON.parse('{"model":"m","prediction_id":["a"],"features":{"__proto__":[1]}}'),
      { field: 'features.__proto__', reason: 'forbidden_key' },
    ],
    ['a project from outside', { ...TWO, project: 'q' }, { field: 'project', reason: 'unknown_field' }],
  ])('refuses all of it for %s', (_name, raw, fault) => {
    expect(faultOf(raw)).toMatchObject(fault);
  });

  it('bounds the features of a row, and not those of all rows together: events that came one by one are joined', () => {
    const few = { ...context, limits: { ...context.limits, maxFeatures: 2 } };
    const raw = {
      model: 'loan',
      prediction_id: ['a', 'b', 'c', 'd'],
      features: { x: [1, null, 3, null], y: [null, 2, 3, null], z: [1, null, 3, null], u: [null, 2, null, null] },
      trace_id: [null, 't', null, null],
    };
    const parsed = parsePredictionColumns(raw, few, 100) as ParsedColumns;
    expect(eventsOf(parsed).map(({ predictionId, features }) => [predictionId, features])).toEqual([
      ['b', { y: 2, u: 2 }],
      ['a', { x: 1, z: 1 }],
      ['d', {}],
    ]);
    expect(parsed.rejected).toMatchObject([{ index: 2, fault: { reason: 'too_many_features' } }]);
  });

  it('makes whole what holds half a surrogate pair: texts get U+FFFD, ids and names of features are refused', () => {
    const raw = {
      model: 'loan',
      prediction_id: ['a', 'b', 'c\ud800'],
      features: { city: ['\ud800', 'K\u00f6ln \ud83d\ude00', '\udc00'] },
      prediction: { label: ['\udfff', 'yes', null], scores: { 'x\ud800': [0.5, null, null] } },
      tags: { '\ud801': ['\ud802!', null, null] },
      error: [null, '\ud800', null],
    };
    const parsed = parse(raw);
    expect(eventsOf(parsed)).toEqual([
      expect.objectContaining({
        features: { city: '\ufffd' },
        label: '\ufffd',
        scores: { 'x\ufffd': 0.5 },
        tags: { '\ufffd': '\ufffd!' },
      }),
      expect.objectContaining({ features: { city: 'K\u00f6ln \ud83d\ude00' }, label: 'yes', error: '\ufffd' }),
    ]);
    expect(parsed.rejected).toMatchObject([{ index: 2, fault: { field: 'prediction_id', reason: 'invalid_name' } }]);
    expect(faultOf({ ...TWO, features: { 'x\ud800': [1, 2] } })).toMatchObject({ reason: 'invalid_name' });
  });

  it('refuses a row alone that is larger than an event may be', () => {
    const small = { ...context, limits: { ...context.limits, maxEventBytes: 1_000 } };
    // The second looks larger than it is: only what a text needs in UTF-8 counts.
    const raw = {
      ...TWO,
      prediction_id: ['a', 'b', 'c'],
      features: { note: ['x'.repeat(1_000), 'x'.repeat(500), 'x'] },
    };
    const parsed = parsePredictionColumns(raw, small, 100) as ParsedColumns;
    expect(eventsOf(parsed).map(({ predictionId }) => predictionId)).toEqual(['b', 'c']);
    expect(parsed.rejected).toMatchObject([{ index: 0, fault: { reason: 'event_too_large' } }]);
  });

  it.each([
    ['of one size', Array.from({ length: 400 }, () => 100)],
    ['small before large', [...Array.from({ length: 380 }, () => 0), ...Array.from({ length: 20 }, () => 4_000)]],
    ['large before small', [...Array.from({ length: 20 }, () => 4_000), ...Array.from({ length: 380 }, () => 0)]],
    ['some large and full of characters that JSON escapes', Array.from({ length: 400 }, (_, row) => (row % 40) * 100)],
  ])('gives columns within the limit in bytes, by what each row takes: rows %s', (_name, lengths) => {
    const raw = {
      model: 'loan',
      prediction_id: lengths.map((_length, row) => `id-${row}`),
      features: {
        note: lengths.map((length, row) => (row % 3 === 0 ? '\u0001' : row % 3 === 1 ? '\u20ac' : 'x').repeat(length)),
        amount: lengths.map((_length, row) => (row % 2 === 0 ? null : -1 / (row + 3))),
      },
      // Rows with a tag are read one by one.
      tags: { t: lengths.map((_length, row) => (row % 7 === 0 ? 'x' : null)) },
    };
    const maxBytes = 32_768;
    const { batches } = inSteps(raw, { maxRows: 100, maxBytes });
    const texts = batches.map(({ columns }) => Buffer.byteLength(columnsText(columns)));
    expect(Math.max(...texts)).toBeLessThan(2 * maxBytes);
    expect(Math.max(...batches.map(({ columns }) => columns.rows))).toBeLessThanOrEqual(100);
    const ids = batches.flatMap(({ columns }) => columns.predictionIds);
    expect([ids.length, new Set(ids).size]).toEqual([400, 400]);
    // No crowd of small pieces either.
    expect(batches.length).toBeLessThan(10 + (6 * texts.reduce((sum, size) => sum + size, 0)) / maxBytes);
  });

  it('gives columns within the limit in bytes although each row names features of its own', () => {
    const count = 300;
    const names = Array.from({ length: count }, (_, k) => `feature-${k}-${'x'.repeat(100)}`);
    const raw = {
      model: 'loan',
      prediction_id: names.map((_each, row) => `id-${row}`),
      features: Object.fromEntries(names.map((name, k) => [name, names.map((_each, row) => (row === k ? k : null))])),
    };
    const { batches } = inSteps(raw, { maxRows: 1_000, maxBytes: 8_192 });
    expect(Math.max(...batches.map(({ columns }) => columnsText(columns).length))).toBeLessThan(16_384);
    expect(eventsOf({ ...parse(TWO), batches })).toEqual(
      names.map((name, row): unknown =>
        expect.objectContaining({ predictionId: `id-${row}`, features: { [name]: row } }),
      ),
    );
  });

  it('reads many rows in steps', () => {
    const rows = 20_000;
    const list = <T>(valueOf: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => valueOf(row));
    const raw = {
      model: 'loan',
      prediction_id: list((row) => `id-${row}`),
      features: Object.fromEntries(Array.from({ length: 100 }, (_, k) => [`f${k}`, list((row) => row)])),
      error: list((row) => (row % 2 === 0 ? 'boom' : null)),
    };
    const steps = predictionColumnsInSteps(raw, context, rows, { maxRows: 5_000, maxBytes: 1e9 });
    let taken = 0;
    while (steps.next().done !== true) taken += 1;
    // 2 million values, 10 000 rows read one by one, and the pieces of the others.
    expect(taken).toBeGreaterThan(4 + 9);
  });

  it('refuses more rows than are allowed', () => {
    expect(faultOf(TWO, 1)).toMatchObject({ reason: 'too_many_events' });
  });

  it('understands each row as if it had come by itself', () => {
    const value = fc.oneof(
      { weight: 5, arbitrary: fc.double({ noNaN: true }) },
      fc.string({ maxLength: 4 }),
      fc.boolean(),
      fc.constant(null),
      fc.constant([1]),
      fc.constant(Infinity),
    );
    const rowsOf = (rows: number) => {
      const list = (one: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> =>
        fc.array(one, { minLength: rows, maxLength: rows });
      return fc.record(
        {
          model: fc.constant('loan'),
          prediction_id: list(fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.constantFrom('', 'ä', 5, null))),
          timestamp: list(fc.constantFrom(NOW_MS, NOW_MS - 1, 5, '2026-05-31T00:00:00Z', 'today', null)),
          features: fc.record({ x: list(value), y: list(value) }),
          prediction: fc.record(
            { label: list(value), value: list(value), score: list(value), scores: fc.record({ a: list(value) }) },
            { requiredKeys: [] },
          ),
          latency_ms: list(value),
          sample_rate: list(fc.constantFrom(null, 1, 0.1, 0, 2, '1')),
          error: list(fc.constantFrom(null, true, false, 'boom')),
          tags: fc.record({ t: list(fc.constantFrom(null, 'x', 1)) }),
        },
        { requiredKeys: ['model', 'prediction_id', 'features'] },
      );
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }).chain(rowsOf), (raw) => {
        const parsed = parse(raw);
        const singles = Array.from({ length: parsed.rows }, (_, index) =>
          parsePrediction(rowOfWireColumns(raw, index), context),
        );
        const key = (event: unknown): string => JSON.stringify(event, (_k, item: unknown) => sorted(item));
        const wanted = singles.flatMap((one) => (one instanceof EventFault ? [] : [key(withoutNulls(one))]));
        expect(eventsOf(parsed).map(key).sort()).toEqual(wanted.sort());
        expect(parsed.rejected.map(({ index, fault }) => [index, fault])).toEqual(
          singles.flatMap((one, index) => (one instanceof EventFault ? [[index, one]] : [])),
        );
      }),
    );
  });
});

describe('columnsText', () => {
  it('writes what parsing as a message gives back', () => {
    const message = contexts.ofMessage('p', NOW_MS);
    const { batches } = parse({
      ...TWO,
      features: { ...TWO.features, big: [Infinity, -Infinity] },
      prediction: { label: ['yes', null], scores: { yes: [0.5, null] } },
      tags: { region: ['eu', null] },
      entity_id: ['somebody', null],
      sample_rate: [null, 1 / 3],
    });
    const again = batches.map(({ columns }) => parsePredictionColumns(JSON.parse(columnsText(columns)), message, 100));
    expect(again.flatMap((parsed) => eventsOf(parsed as ParsedColumns))).toEqual(eventsOf({ ...parse(TWO), batches }));
    expect(again.map((parsed) => (parsed as ParsedColumns).batches[0]!.columns.features.get('big'))).toContainEqual({
      packed: Float64Array.of(Infinity),
    });
  });
});

function sorted(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  return Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function withoutNulls(event: PredictionEvent): PredictionEvent {
  const features = Object.fromEntries(Object.entries(event.features).filter(([, value]) => value !== null));
  return plainObject({ ...event, features });
}
