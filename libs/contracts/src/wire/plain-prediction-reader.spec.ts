import fc from 'fast-check';
import { configurationSchema } from '../configuration.schema.js';
import type { PredictionEvent } from '../event.schema.js';
import { eventOfRow } from './columns-rows.js';
import { EventFault } from './event-fault.js';
import { IntakeContexts } from './intake-context.js';
import { parsePrediction } from './parse-prediction.js';
import { PlainPredictionReader } from './plain-prediction-reader.js';
import { PredictionColumnsBuilder } from './prediction-columns-builder.js';
import { readEvent } from './read-event.js';

const NOW_MS = Date.UTC(2026, 10, 21);
const LIMITS = { maxRows: 1_000, maxBytes: 1_000_000 };
const configuration = configurationSchema.parse({
  intake: { maxStringLength: 20, maxFeatures: 6, maxEventBytes: 2_000 },
});
const contextOf = () =>
  new IntakeContexts(configuration, () => '0123456789abcdef').create('p', NOW_MS, (name) => name !== 'no');

/** Events that are taken and reasons of refusals, in order; with the reader where it can, or without. */
function take(lines: readonly string[], plain: boolean): { taken: unknown[]; plainly: number } {
  const context = contextOf();
  const reader = new PlainPredictionReader(context);
  let plainly = 0;
  const taken = lines.map((line): unknown => {
    const bytes = Buffer.from(line);
    const builder = new PredictionColumnsBuilder(LIMITS);
    let event: PredictionEvent | EventFault | undefined = plain ? reader.read(bytes) : undefined;
    if (event !== undefined) {
      plainly += 1;
      builder.add(event, bytes.length, reader);
    } else {
      event = readEvent(bytes, parsePrediction, context);
      if (event instanceof EventFault) return event;
      reader.learn(event);
      builder.add(event, bytes.length);
    }
    return eventOfRow(builder.take()[0]!.columns, 0);
  });
  return { taken, plainly };
}

const event = (members: object = {}): string =>
  JSON.stringify({
    model: 'm',
    prediction_id: 'a',
    features: { x: 1.5, city: 'Rome', vip: true, y: null },
    ...members,
  });

describe('PlainPredictionReader', () => {
  it.each<[string, string, boolean]>([
    ['values of other kinds', event({ features: { x: 'Rome', city: 2, vip: null, y: false } }), true],
    ['features that are missing', event({ features: { city: 'Rome' } }), true],
    ['no feature', event({ features: {} }), true],
    [
      'answers, latency, tags and a data subject',
      event({
        prediction: { label: true, score: 0.5, scores: { a: 0.5 } },
        latency_ms: 3,
        sample_rate: 0.5,
        tags: { t: 'x' },
        entity_id: 'e',
      }),
      true,
    ],
    ['a time as text', event({ timestamp: '2026-11-20T10:00:00+01:00' }), true],
    ['blanks', event().replaceAll(':', ' : ').replaceAll(',', ' ,\t'), true],
    ['an infinite number', event().replace('1.5', '1e999'), true],
    ['another order', event({ features: { city: 'Rome', x: 1 } }), false],
    ['a feature that is new', event({ features: { x: 1, new: 2 } }), false],
    ['a feature twice', event().replace('"city"', '"x"'), false],
    ['a member twice', event().replace('"model":"m"', '"model":"m","model":"n"'), false],
    ['an escape', event({ features: { city: 'a"b' } }), false],
    ['another script', event({ features: { city: 'Zürich' } }), false],
    ['half a surrogate pair', event({ features: { city: '\ud800' } }), false],
    ['an object for a value', event({ features: { x: {} } }), false],
    ['a text that is too long', event({ features: { city: 'x'.repeat(21) } }), false],
    ['an event that is too large', event({ trace_id: 'x'.repeat(2_000) }), false],
    ['an unknown member', event({ what: 1 }), false],
    ['a forbidden member', event().replace('"model"', '"__proto__":{},"model"'), false],
    ['a model that is not registered', event({ model: 'no' }), false],
    ['no features', event({ features: undefined }), false],
    ['no id', event({ prediction_id: undefined }), false],
    ['a time long ago', event({ timestamp: 5 }), false],
    ['something behind the event', `${event()} 1`, false],
    ['half an event', event().slice(0, -1), false],
    ['a list', `[${event()}]`, false],
    ['nesting that is too deep', event({ tags: { a: { b: { c: {} } } } }), false],
  ])('takes or leaves %s, and it is the same event or refusal', (_name, line, isPlain) => {
    const lines = [event(), line, event({ prediction_id: 'b' })];
    const { taken, plainly } = take(lines, true);
    expect(taken).toEqual(take(lines, false).taken);
    expect(plainly).toBe(isPlain ? 2 : 1);
  });

  it('reads several forms in turn, and the features of a form in any part', () => {
    const forms = [{ x: 1, y: 2 }, { a: 'x' }, { y: 1, x: 2 }, { x: 3 }];
    const lines = Array.from({ length: 40 }, (_, index) =>
      event({ features: forms[index % 4], prediction_id: `${index}` }),
    );
    const { taken, plainly } = take(lines, true);
    expect(taken).toEqual(take(lines, false).taken);
    expect(plainly).toBe(37);
  });

  it('gives up on a request of which nothing is plain', () => {
    const lines = Array.from({ length: 100 }, () => event({ features: { city: 'Zürich' } }));
    expect(take([...lines, event()], true).plainly).toBe(0);
  });

  it('gives what readEvent gives, whatever comes', () => {
    const value = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'binary' }),
      fc.constant({}),
    );
    const features = fc.dictionary(fc.constantFrom('x', 'city', 'vip', 'y', 'ä', '$z', 'constructor'), value);
    const members = fc.record(
      {
        features,
        prediction_id: fc.oneof(fc.string({ minLength: 1 }), fc.integer()),
        timestamp: fc.oneof(fc.integer({ min: NOW_MS - 1e12, max: NOW_MS + 1e9 }), fc.constant('2026-11-20T10:00:00Z')),
        latency_ms: fc.double(),
        sample_rate: fc.double({ min: -0.1, max: 1.1 }),
        error: fc.oneof(fc.boolean(), fc.string()),
        prediction: fc.record({ label: value, score: fc.double(), scores: features }, { requiredKeys: [] }),
        tags: features,
        entity_id: fc.string(),
        version: fc.constantFrom('1', '2', '-'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(members.map(event), { maxLength: 12 }), (lines) => {
        expect(take(lines, true).taken).toEqual(take(lines, false).taken);
      }),
      { numRuns: 500 },
    );
  });
});
