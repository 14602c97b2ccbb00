import fc from 'fast-check';
import { configurationSchema } from '../configuration.schema.js';
import type { PredictionEvent } from '../event.schema.js';
import { BodyFault } from './body-fault.js';
import { eventOfRow } from './columns-rows.js';
import { columnsText } from './columns-text.js';
import { EventFault } from './event-fault.js';
import { IntakeContexts } from './intake-context.js';
import { type ParsedColumns, parsePredictionColumns, rowOfWireColumns } from './parse-prediction-columns.js';
import { parsePrediction } from './parse-prediction.js';

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

const eventsOf = ({ batches }: ParsedColumns): PredictionEvent[] =>
  batches.flatMap((columns) => columns.predictionIds.map((_id, row) => plainObject(eventOfRow(columns, row))));
const plainObject = (event: PredictionEvent): PredictionEvent => JSON.parse(JSON.stringify(event)) as PredictionEvent;

const TWO = { model: 'loan', prediction_id: ['a', 'b'], features: { income: [1.5, null], city: ['Ulm', 'Bonn'] } };

describe('parsePredictionColumns', () => {
  it('takes plain values column by column, without a copy of the features', () => {
    const raw = {
      ...TWO,
      version: '2',
      timestamp: [NOW_MS - 2, NOW_MS - 1],
      prediction: { label: [1, true], score: [0.5, null] },
      latency_ms: [3, null],
    };
    const { batches, rejected, rows } = parse(raw);
    expect([rows, rejected, batches.length]).toEqual([2, [], 1]);
    expect(batches[0]).toEqual({
      project: 'p',
      model: 'loan',
      version: '2',
      rows: 2,
      predictionIds: ['a', 'b'],
      timestampsMs: [NOW_MS - 2, NOW_MS - 1],
      receivedAtMs: [NOW_MS, NOW_MS],
      features: new Map(Object.entries(TWO.features)),
      labels: ['1', '1'],
      scores: [0.5, null],
      latenciesMs: [3, null],
    });
    expect(batches[0]!.features.get('income')).toBe(raw.features.income);
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
      prediction_id: ['a', 7, '', 'd', 'e'],
      timestamp: [NOW_MS, NOW_MS, NOW_MS, NOW_MS / 1000, NOW_MS],
      features: { income: [1, 2, 3, 4, [5]] },
    };
    const parsed = parse(raw);
    expect(eventsOf(parsed).map(({ predictionId }) => predictionId)).toEqual(['a']);
    expect(parsed.rejected.map(({ index, fault }) => [index, fault.field, fault.reason])).toEqual([
      [1, 'prediction_id', 'wrong_type'],
      [2, 'prediction_id', 'missing'],
      [3, 'timestamp', 'too_far_in_the_past'],
      [4, 'features.income', 'wrong_type'],
    ]);
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
    });
    const again = batches.map((columns) => parsePredictionColumns(JSON.parse(columnsText(columns)), message, 100));
    expect(again.flatMap((parsed) => eventsOf(parsed as ParsedColumns))).toEqual(eventsOf({ ...parse(TWO), batches }));
    expect(again.flatMap((parsed) => (parsed as ParsedColumns).batches[0]!.features.get('big'))).toContain(Infinity);
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
