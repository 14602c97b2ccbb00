import type { PredictionFacts } from '../traffic.js';
import { expectedCells } from './expected-cells.js';

const HOUR = Date.UTC(2026, 0, 1, 5);
const facts = (values: Partial<PredictionFacts>): PredictionFacts => ({
  id: 'a',
  version: '1',
  timestampMs: HOUR + 1,
  sendsTime: true,
  features: { income: 2, age: 30, city: 'Ulm', member: true },
  country: 'FR',
  label: '1',
  score: 0.5,
  latencyMs: undefined,
  error: '',
  sampleRate: undefined,
  ...values,
});

it('counts values, missing and wrong ones, slices and labels, each in its hour', () => {
  const { series, traffic, performance } = expectedCells(
    [
      { facts: facts({ sampleRate: 0.25 }), label: { predictionId: 'a', label: '0', timestampMs: 0 } },
      { facts: facts({ features: { income: 'n/a', city: null, member: false }, country: 'DE' }), label: undefined },
      {
        facts: facts({ timestampMs: HOUR + 3_600_000, label: undefined, score: undefined, error: 'x' }),
        label: undefined,
      },
    ],
    'germany',
    () => undefined,
  );
  expect(series.get(`1//${HOUR}/income`)).toMatchObject({
    n: 1,
    missing: 0,
    invalid: 1,
    sum: 2,
    sumSquares: 4,
    min: 2,
    max: 2,
  });
  expect(series.get(`1//${HOUR}/age`)).toMatchObject({ n: 1, missing: 1, sum: 30 });
  expect(series.get(`1/germany/${HOUR}/city`)).toMatchObject({ n: 0, missing: 1 });
  expect(series.has(`1//${HOUR + 3_600_000}/$score`)).toBe(false);
  expect(traffic.get(`1//${HOUR}`)).toEqual({ n: 2, errors: 0, latencyN: 0, weight: 5, weightSquares: 17 });
  expect(traffic.get(`1//${HOUR + 3_600_000}`)).toEqual({ n: 1, errors: 1, latencyN: 0, weight: 1, weightSquares: 1 });
  expect([...performance]).toEqual([[`1//${HOUR}`, { labelled: 1, scored: 1, confusion: new Map([['1/0', 1]]) }]]);
});
