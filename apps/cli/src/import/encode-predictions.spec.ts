import { predictionWireSchema, rowOfWireColumns } from '@plumbline/contracts';
import type { Batch, BatchLimits } from './batch.js';
import type { ColumnBlock, RowFault } from './column-block.js';
import { PredictionEncoder } from './encode-predictions.js';
import type { ImportPlan } from './import-plan.js';

const PREDICTIONS: ImportPlan = {
  kind: 'predictions',
  model: 'loans',
  version: '3',
  answer: 'label',
  mapping: { ignore: [], timestamp: 'at', prediction: 'y', score: 'p' },
  idPrefix: 'abc',
};

function block(columns: Record<string, ArrayLike<unknown>>, rowCount: number): ColumnBlock {
  return { firstRow: 11, rowCount, columns: new Map(Object.entries(columns)), faults: [], progress: 1 };
}

const LIMITS: BatchLimits = { maxEvents: 100, maxBytes: 1_000_000 };

function encode(plan: ImportPlan, given: ColumnBlock, features: readonly string[] = [], limits = LIMITS) {
  const faults: RowFault[] = [];
  const batches = new PredictionEncoder(plan, limits).encode(given, features, (fault) => faults.push(fault));
  return { events: batches.flatMap(eventsOf), faults, batches };
}

/** Rows with nulls among their features, which say that a column was written although the row has no value. */
function eventsOf({ content, rows }: Batch): { row: number; event: unknown }[] {
  const columns = JSON.parse(Buffer.from(content).toString()) as { readonly features: Record<string, unknown[]> };
  return rows.map((row, index) => {
    const features = Object.fromEntries(Object.entries(columns.features).map(([name, list]) => [name, list[index]]));
    return { row, event: { ...rowOfWireColumns(columns, index), features } };
  });
}

it('writes predictions in wire form, ids made of prefix and row', () => {
  const given = block({ at: [1000, 2000n], y: [1n, true], p: new Float64Array([0.5, Number.NaN]), a: [1.5, null] }, 2);
  const { events, faults } = encode(PREDICTIONS, given, ['a']);
  expect(faults).toEqual([]);
  expect(events).toEqual([
    {
      row: 11,
      event: {
        model: 'loans',
        version: '3',
        prediction_id: 'abc-11',
        timestamp: 1000,
        features: { a: 1.5 },
        prediction: { label: 1, score: 0.5 },
      },
    },
    {
      row: 12,
      event: {
        model: 'loans',
        version: '3',
        prediction_id: 'abc-12',
        timestamp: 2000,
        features: { a: null },
        prediction: { label: true },
      },
    },
  ]);
  for (const { event } of events) expect(predictionWireSchema.safeParse(event).success).toBe(true);
});

it.each<[string, unknown, unknown]>([
  ['a number', 0.1, 0.1],
  ['minus zero', -0, 0],
  ['NaN: missing', Number.NaN, null],
  ['infinity: text, which the server counts as invalid', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['a whole number of 64 bits', 9007199254740993n, 9007199254740992],
  ['text with a quote and a newline', 'a"b\n', 'a"b\n'],
  ['null', null, null],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
])('writes a feature that is %s', (_, value, expected) => {
  const plan = { ...PREDICTIONS, mapping: { ignore: [] } };
  const { events } = encode(plan, block({ 'f"1': [value] }, 1), ['f"1']);
  expect(events[0]!.event).toMatchObject({ features: { 'f"1': expected } });
});

it('writes null for what an object of a file does not have, and nothing for a column that no object has', () => {
  const plan = { ...PREDICTIONS, mapping: { ignore: [] } };
  const { events } = encode(plan, block({ a: [undefined], b: [2] }, 1), ['a', 'b', 'c']);
  expect(events[0]!.event).toMatchObject({ features: { a: null, b: 2 } });
  expect((events[0]!.event as { features: object }).features).not.toHaveProperty('c');
});

it('keeps batches below the limits of rows and of bytes', () => {
  const plan = { ...PREDICTIONS, mapping: { ignore: [] } };
  const given = block({ a: Array.from({ length: 250 }, (_, index) => `value ${index}`) }, 250);
  const byRows = encode(plan, given, ['a']).batches;
  expect(byRows.map(({ rows }) => rows.length)).toEqual([100, 100, 50]);
  const { batches, events } = encode(plan, given, ['a'], { maxEvents: 100, maxBytes: 1_500 });
  expect(Math.max(...batches.map(({ content }) => content.length))).toBeLessThan(3_000);
  expect(events.map(({ row }) => row)).toEqual(Array.from({ length: 250 }, (_, index) => 11 + index));
});

it('names rows without a time or an id, and keeps the others', () => {
  const plan = { ...PREDICTIONS, mapping: { ignore: [], prediction_id: 'id', timestamp: 'at' } };
  const { events, faults } = encode(
    plan,
    block({ id: ['x', null, 'z'.repeat(257), 7n], at: ['soon', '2026-01-01', '2026-01-01', '2026-01-01'] }, 4),
  );
  expect(events).toEqual([{ row: 14, event: expect.objectContaining({ prediction_id: '7' }) as unknown }]);
  expect(faults.map(({ row, field, reason }) => [row, field, reason])).toEqual([
    [11, 'at', 'wrong_type'],
    [12, 'id', 'missing'],
    [13, 'id', 'too_long'],
  ]);
});

it('writes numbers of a regression as values', () => {
  const plan: ImportPlan = { ...PREDICTIONS, answer: 'value', mapping: { ignore: [], prediction: 'y' } };
  const { events } = encode(plan, block({ y: [3.5] }, 1));
  expect(events[0]!.event).toMatchObject({ prediction: { value: 3.5 } });
});
