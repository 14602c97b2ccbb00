import type { CellSource, FeatureCell, FeatureSchema, ReferenceSeries } from '@plumbline/contracts';
import { MISSING_TEXT } from '@plumbline/contracts';
import fc from 'fast-check';
import { type BinSet, compileBinSet } from './bin-set.js';
import { CellAccumulator } from './cell-accumulator.js';
import { murmur3 } from './murmur3.js';

const SCHEMA: FeatureSchema = { schemaId: 1, numberNames: ['age'], textNames: ['city'], booleanNames: ['vip'] };
const MINUTE_MS = 60_000;

const reference = (series: string, change: Partial<ReferenceSeries>): ReferenceSeries => ({
  series,
  kind: 'numeric',
  binSetId: `bins-${series}`,
  edges: [],
  decileEdgeIndexes: [],
  categories: [],
  otherHashes: [],
  counts: [],
  n: 0,
  missing: 0,
  invalid: 0,
  mean: 0,
  std: 0,
  min: 0,
  max: 0,
  ...change,
});
const binSets = new Map<string, BinSet>(
  [
    reference('age', { edges: [18, 65] }),
    reference('city', { kind: 'categorical', categories: ['Ulm', 'Köln'], otherHashes: [murmur3('Bonn')] }),
    reference('gone', {}),
  ].map((series) => [series.series, compileBinSet(series)]),
);

const row = (change: Partial<CellSource>): CellSource => ({
  project: 'p',
  model: 'm',
  version: '1',
  timestampMs: 5 * MINUTE_MS,
  idHash: 1,
  schema: SCHEMA,
  numbers: [30],
  texts: ['Ulm', 'true'],
  invalid: [[], []],
  segments: [],
  label: '',
  value: NaN,
  score: NaN,
  latencyMs: NaN,
  error: '',
  ...change,
});

function cellsOf(rows: readonly CellSource[]): FeatureCell[] {
  const accumulator = new CellAccumulator(() => binSets);
  for (const one of rows) accumulator.add(one);
  return accumulator.featureCells();
}

describe('CellAccumulator', () => {
  it('counts values per bin: half-open bins, other, unseen, missing, invalid', () => {
    const rows = [
      row({ numbers: [17.999] }),
      row({ numbers: [18] }),
      row({ numbers: [65], texts: ['Bonn', 'true'] }),
      row({ numbers: [NaN], texts: ['Atlantis', MISSING_TEXT] }),
      row({ numbers: [NaN], invalid: [['age'], ['"x"']] }),
    ];
    const cells = new Map(cellsOf(rows).map((cell) => [cell.series, cell]));
    expect(cells.get('age')).toMatchObject({
      n: 3,
      missing: 1,
      invalid: 1,
      binIndexes: [0, 1, 2],
      binCounts: [1, 1, 1],
      min: 17.999,
      max: 65,
    });
    expect(cells.get('city')).toMatchObject({ n: 5, binIndexes: [0, 2, 3], binCounts: [3, 1, 1] });
    expect(cells.get('vip')).toMatchObject({ n: 4, missing: 1, binSetId: '', binIndexes: [] });
    expect(cells.get('gone')).toMatchObject({ n: 0, missing: 5 });
    expect(cells.has('$score')).toBe(false);
  });

  it('counts a number as invalid where the reference has categories', () => {
    const schema: FeatureSchema = { schemaId: 2, numberNames: ['city'], textNames: ['age'], booleanNames: [] };
    const cells = cellsOf([row({ schema, numbers: [1], texts: ['30'] })]);
    expect(cells.filter((cell) => cell.series !== 'gone').map((cell) => [cell.series, cell.n, cell.invalid])).toEqual([
      ['city', 0, 1],
      ['age', 0, 1],
    ]);
  });

  it('keeps minutes, versions and segments apart, and counts traffic for each', () => {
    const accumulator = new CellAccumulator(() => undefined);
    accumulator.add(row({ segments: ['de'], error: 'boom', latencyMs: 10, idHash: 7 }));
    accumulator.add(row({ version: '2' }));
    accumulator.add(row({ timestampMs: 6 * MINUTE_MS - 1, idHash: 5 }));
    accumulator.add(row({ timestampMs: 6 * MINUTE_MS }));
    const traffic = accumulator
      .trafficCells()
      .map((cell) => [cell.version, cell.segment, cell.minuteMs / MINUTE_MS, cell.n, cell.errors, cell.idHashSum]);
    expect(traffic).toEqual([
      ['1', '', 5, 2, 1, 12],
      ['1', '', 6, 1, 0, 1],
      ['1', 'de', 5, 1, 1, 7],
      ['2', '', 5, 1, 0, 1],
    ]);
  });

  it('gives the same sums however the rows are split and ordered', () => {
    const value = fc.record({
      age: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constant(NaN)),
      city: fc.constantFrom('Ulm', 'Bonn', 'x', MISSING_TEXT),
      minute: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.nat(60), (values, cut) => {
        const rows = values.map(({ age, city, minute }) =>
          row({ numbers: [age], texts: [city, 'true'], timestampMs: minute * MINUTE_MS }),
        );
        const split = [...cellsOf(rows.slice(cut)), ...cellsOf(rows.slice(0, cut))];
        expect(totals(split)).toEqual(totals(cellsOf([...rows].reverse())));
      }),
    );
  });
});

/** What the engine's merge makes of cells: sums per key. */
function totals(cells: readonly FeatureCell[]): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (key: string, count: number): void => {
    if (count > 0) sums[key] = (sums[key] ?? 0) + count;
  };
  for (const cell of cells) {
    const key = `${cell.series}/${cell.minuteMs}`;
    add(`${key}/n`, cell.n);
    add(`${key}/missing`, cell.missing);
    add(`${key}/sum`, cell.sum);
    cell.binIndexes.forEach((index, i) => add(`${key}/bin-${index}`, cell.binCounts[i]!));
  }
  return sums;
}
