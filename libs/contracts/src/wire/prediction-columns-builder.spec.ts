import fc from 'fast-check';
import type { PredictionEvent } from '../event.schema.js';
import type { PredictionColumns } from '../prediction-columns.js';
import { eventOfRow } from './columns-rows.js';
import { columnsText } from './columns-text.js';
import { PredictionColumnsBuilder } from './prediction-columns-builder.js';

const event = (change: Partial<PredictionEvent>): PredictionEvent => ({
  project: 'p',
  model: 'm',
  version: '1',
  predictionId: 'a',
  timestampMs: 1,
  features: {},
  receivedAtMs: 2,
  ...change,
});

function columnsOf(events: readonly PredictionEvent[], maxRows = 1_000): PredictionColumns[] {
  const builder = new PredictionColumnsBuilder({ maxRows, maxBytes: Infinity });
  for (const one of events) builder.add(one, 1);
  return builder.take().map(({ columns }) => columns);
}

describe('PredictionColumnsBuilder', () => {
  it('puts each value into the row of its event, and null where an event has none', () => {
    const [columns, ...rest] = columnsOf([
      event({ predictionId: 'a', features: { x: 1, y: 'u' } }),
      event({ predictionId: 'b', features: { y: 'v', z: true }, label: '1', tags: { t: 'x' } }),
      event({ predictionId: 'c', features: { x: null, z: false }, score: 0.5 }),
    ]);
    expect(rest).toEqual([]);
    expect(columns).toEqual({
      project: 'p',
      model: 'm',
      version: '1',
      rows: 3,
      predictionIds: ['a', 'b', 'c'],
      timestampsMs: [1, 1, 1],
      receivedAtMs: [2, 2, 2],
      features: new Map<string, unknown>([
        ['x', { packed: Float64Array.of(1, NaN, NaN) }],
        ['y', ['u', 'v', null]],
        ['z', [null, true, false]],
      ]),
      labels: [null, '1', null],
      tags: [null, { t: 'x' }, null],
      scores: [null, null, 0.5],
    });
  });

  it('keeps projects, models and versions apart, and starts anew at the largest number of rows and after take', () => {
    const builder = new PredictionColumnsBuilder({ maxRows: 2, maxBytes: Infinity });
    for (const predictionId of ['a', 'b', 'c']) builder.add(event({ predictionId }), 1);
    builder.add(event({ version: '2' }), 1);
    builder.add(event({ model: 'n' }), 1);
    builder.add(event({ project: 'q' }), 1);
    builder.add(event({ predictionId: 'd' }), 1);
    const taken = builder
      .take()
      .map(({ columns: { project, model, version, predictionIds } }) => [
        `${project}/${model}/${version}`,
        predictionIds,
      ]);
    expect(taken).toEqual([
      ['p/m/1', ['a', 'b']],
      ['p/m/1', ['c', 'd']],
      ['p/m/2', ['a']],
      ['p/n/1', ['a']],
      ['q/m/1', ['a']],
    ]);
    expect(builder.take()).toEqual([]);
  });

  it('starts anew before the events take more bytes than are allowed', () => {
    const builder = new PredictionColumnsBuilder({ maxRows: 100, maxBytes: 10 });
    [4, 4, 4, 20, 1].forEach((sizeBytes, index) => builder.add(event({ predictionId: String(index) }), sizeBytes));
    expect(builder.take().map(({ columns, sizeBytes }) => [columns.rows, sizeBytes])).toEqual([
      [2, 8],
      [1, 4],
      [1, 20],
      [1, 1],
    ]);
  });

  it('counts what is missing: an event with features that no other has is null in all the others', () => {
    const alike = Array.from({ length: 1_000 }, (_, index) => event({ predictionId: `a${index}`, features: { x: 1 } }));
    const names = Array.from({ length: 500 }, (_, k) => `own-${k}`);
    const odd = event({ predictionId: 'odd', features: Object.fromEntries(names.map((name) => [name, 1])) });
    const builder = new PredictionColumnsBuilder({ maxRows: 10_000, maxBytes: 100_000 });
    for (const one of [...alike, odd, ...alike.slice(0, 3)])
      builder.add(one, 40 + 12 * Object.keys(one.features).length);
    const batches = builder.take();
    const ids = batches.flatMap(({ columns }) => columns.predictionIds);
    expect(ids).toEqual([...alike, odd, ...alike.slice(0, 3)].map(({ predictionId }) => predictionId));
    expect(Math.max(...batches.map(({ columns }) => columnsText(columns).length))).toBeLessThan(150_000);
  });

  it('holds a bounded multiple of the values of events that share no feature', () => {
    const events = Array.from({ length: 5_000 }, (_, index) =>
      event({
        predictionId: String(index),
        features: Object.fromEntries(Array.from({ length: 10 }, (_each, k) => [`f${index}-${k}`, k])),
      }),
    );
    const batches = columnsOf(events, 10_000);
    const entries = batches.reduce((sum, { rows, features }) => sum + rows * features.size, 0);
    expect(batches.flatMap(({ predictionIds }) => predictionIds)).toEqual(events.map((one) => one.predictionId));
    expect(entries).toBeLessThan(50_000 * 10 + 100_000 * batches.length);
  });

  it('holds a bounded multiple of the scores and tags of events that share none: each name is a list in a message', () => {
    const events = Array.from({ length: 3_000 }, (_, index) =>
      event({
        predictionId: String(index),
        features: {},
        scores: { [`class-${index}`]: 0.5, [`class-${index + 1}`]: 0.25 },
        tags: { [`tag-${index}`]: 'x' },
      }),
    );
    const batches = columnsOf(events, 10_000);
    expect(batches.flatMap(({ predictionIds }) => predictionIds)).toEqual(events.map((one) => one.predictionId));
    const bytes = batches.reduce((sum, columns) => sum + columnsText(columns).length, 0);
    expect(bytes).toBeLessThan(10_000_000);
  });

  it('loses and invents nothing, whatever the events hold', () => {
    const features = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.oneof(fc.double({ noNaN: true }), fc.string(), fc.boolean(), fc.constant(null)),
    );
    const any = fc.record(
      {
        predictionId: fc.string({ minLength: 1 }),
        version: fc.constantFrom('1', '2'),
        features,
        label: fc.string(),
        value: fc.double({ noNaN: true }),
        latencyMs: fc.nat(),
        sampleRate: fc.double({ min: 0.001, max: 1, noNaN: true }),
        error: fc.string({ minLength: 1 }),
      },
      { requiredKeys: ['predictionId', 'version', 'features'] },
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), (changes, maxRows) => {
        const events = changes.map((change) => event(change as Partial<PredictionEvent>));
        const rows = columnsOf(events, maxRows).flatMap((columns) =>
          columns.predictionIds.map((_id, row) => eventOfRow(columns, row)),
        );
        const wanted = events.map((one) => JSON.stringify(withoutNulls(one)));
        expect(rows.map((one) => JSON.stringify(withoutNulls(one))).sort()).toEqual(wanted.sort());
      }),
    );
  });
});

function withoutNulls({ features, ...rest }: PredictionEvent): unknown {
  const sorted = (object: object): [string, unknown][] =>
    Object.entries(object)
      .filter(([, value]) => value !== null && value !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1));
  return [sorted(rest), sorted(features)];
}
