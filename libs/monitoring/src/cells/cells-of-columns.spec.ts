import type { CellColumns, FeatureCell, FeatureSchema, ReferenceSeries } from '@plumbline/contracts';
import { MISSING_TEXT, SCORE_SERIES, VOUCHING_SERIES } from '@plumbline/contracts';
import fc from 'fast-check';
import { type BinSet, compileBinSet } from './bin-set.js';
import { cellsInParts, cellsOfColumns } from './cells-of-columns.js';
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

interface Row {
  readonly age: number;
  readonly city: string;
  readonly vip: string;
  readonly invalid?: string;
  readonly timestampMs: number;
  readonly error: string;
  readonly latencyMs: number;
  readonly idHash: number;
}
const row = (change: Partial<Row>): Row => ({
  age: 30,
  city: 'Ulm',
  vip: 'true',
  timestampMs: 5 * MINUTE_MS,
  error: '',
  latencyMs: NaN,
  idHash: 1,
  ...change,
});

const columnsOf = (rows: readonly Row[], change: Partial<CellColumns> = {}): CellColumns => ({
  project: 'p',
  model: 'm',
  version: '1',
  schema: SCHEMA,
  rows: rows.length,
  timestampsMs: rows.map(({ timestampMs }) => timestampMs),
  idHashes: rows.map(({ idHash }) => idHash),
  numbers: [rows.map(({ age }) => age)],
  texts: [rows.map(({ city }) => city), rows.map(({ vip }) => vip)],
  invalid: new Map(
    rows.flatMap(({ invalid }, i) => (invalid === undefined ? [] : [[i, [[invalid], ['"x"']]] as const])),
  ),
  segments: new Map(),
  labels: undefined,
  values: undefined,
  scores: undefined,
  latenciesMs: rows.map(({ latencyMs }) => latencyMs),
  errors: rows.map(({ error }) => error),
  sampleWeights: undefined,
  ...change,
});

const cellsOf = (rows: readonly Row[]): readonly FeatureCell[] => cellsOfColumns(columnsOf(rows), binSets).features;

describe('cellsOfColumns', () => {
  it('counts values per bin: half-open bins, other, unseen, missing, invalid', () => {
    const rows = [
      row({ age: 17.999 }),
      row({ age: 18 }),
      row({ age: 65, city: 'Bonn' }),
      row({ age: NaN, city: 'Atlantis', vip: MISSING_TEXT }),
      row({ age: NaN, invalid: 'age' }),
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
    expect(cells.has(SCORE_SERIES)).toBe(false);
  });

  it('counts a number as invalid where the reference has categories', () => {
    const schema: FeatureSchema = { schemaId: 2, numberNames: ['city'], textNames: ['age'], booleanNames: [] };
    const columns = columnsOf([row({})], { schema, numbers: [[1]], texts: [['30']] });
    const cells = cellsOfColumns(columns, binSets).features;
    expect(
      cells.filter((cell) => ['city', 'age'].includes(cell.series)).map((cell) => [cell.series, cell.n, cell.invalid]),
    ).toEqual([
      ['city', 0, 1],
      ['age', 0, 1],
    ]);
  });

  it('sums in traffic what sampled rows stand for, and counts values by rows', () => {
    const columns = columnsOf([row({}), row({}), row({})], {
      sampleWeights: [10, 1, 4],
      segments: new Map([['de', [0, 1]]]),
    });
    const { features, traffic } = cellsOfColumns(columns, binSets);
    expect(traffic.map(({ n, weight, weightSquares }) => [n, weight, weightSquares])).toEqual([
      [3, 15, 117],
      [2, 11, 101],
    ]);
    expect(features.find(({ series }) => series === 'age')!.n).toBe(3);
  });

  it('keeps minutes and segments apart, and counts traffic for each', () => {
    const rows = [
      row({ error: 'boom', latencyMs: 10, idHash: 7 }),
      row({ timestampMs: 6 * MINUTE_MS - 1, idHash: 5 }),
      row({ timestampMs: 6 * MINUTE_MS }),
      row({ idHash: 2, age: 70 }),
    ];
    const columns = columnsOf(rows, { segments: new Map([['de', [0, 2]]]) });
    const { features, traffic } = cellsOfColumns(columns, binSets);
    expect(
      traffic.map((cell) => [
        cell.segment,
        cell.minuteMs / MINUTE_MS,
        cell.n,
        cell.errors,
        cell.idHashSum,
        cell.latencyN,
      ]),
    ).toEqual([
      ['', 5, 3, 1, 14, 1],
      ['', 6, 1, 0, 1, 0],
      ['de', 5, 1, 1, 7, 1],
      ['de', 6, 1, 0, 1, 0],
    ]);
    expect(traffic.map(({ weight, weightSquares }) => [weight, weightSquares])).toEqual(traffic.map(({ n }) => [n, n]));
    const vouching = features.filter(({ series }) => series === VOUCHING_SERIES);
    expect(vouching.map((cell) => [cell.segment, cell.minuteMs / MINUTE_MS, cell.n, cell.idHashSum])).toEqual([
      ['', 5, 3, 14],
      ['', 6, 1, 1],
    ]);
    const ages = features.filter(({ series }) => series === 'age');
    expect(ages.map((cell) => [cell.segment, cell.minuteMs / MINUTE_MS, cell.n, cell.binIndexes])).toEqual([
      ['', 5, 3, [1, 2]],
      ['', 6, 1, [1]],
      ['de', 5, 1, [1]],
      ['de', 6, 1, [1]],
    ]);
  });

  it('counts answers and scores once a reference knows them, and scores always', () => {
    const answers = new Map(
      [
        reference('$prediction', { kind: 'categorical', categories: ['1', '0'] }),
        reference('$score', { edges: [0.5] }),
      ].map((series) => [series.series, compileBinSet(series)]),
    );
    const columns = columnsOf([row({}), row({}), row({})], { labels: ['1', '0', ''], scores: [0.9, 0.1, NaN] });
    const of = (sets: ReadonlyMap<string, BinSet> | undefined): unknown[] =>
      cellsOfColumns(columns, sets)
        .features.filter(({ series }) => series.startsWith('$'))
        .map((cell) => [cell.series, cell.n, cell.missing, cell.sum, cell.binCounts]);
    expect(of(answers)).toEqual([
      ['$prediction', 2, 1, 0, [1, 1]],
      ['$score', 2, 1, 1, [1, 1]],
    ]);
    expect(of(undefined)).toEqual([['$score', 2, 0, 1, []]]);
  });

  it('gives the same sums however the rows are split and ordered', () => {
    const value = fc.record({
      age: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constant(NaN)),
      city: fc.constantFrom('Ulm', 'Bonn', 'x', MISSING_TEXT),
      minute: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.nat(60), (values, cut) => {
        const rows = values.map(({ age, city, minute }) => row({ age, city, timestampMs: minute * MINUTE_MS }));
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

describe('cellsInParts', () => {
  const rows = Array.from({ length: 200 }, (_each, i) =>
    row({ timestampMs: ((i * 7) % 90) * MINUTE_MS, age: i, idHash: i, latencyMs: i }),
  );
  const odd = rows.flatMap((_row, i) => (i % 2 === 1 ? [i] : []));
  const columns = columnsOf(rows, { segments: new Map([['odd', odd]]) });
  const addUp = (cells: readonly FeatureCell[]): unknown[] => {
    const sums = new Map<string, number[]>();
    for (const { segment, series, minuteMs, n, missing, sum, idHashSum = 0 } of cells) {
      const key = `${segment}/${series}/${minuteMs}`;
      const before = sums.get(key) ?? [0, 0, 0, 0];
      sums.set(
        key,
        [n, missing, sum, idHashSum].map((value, i) => value + before[i]!),
      );
    }
    return [...sums].sort(([left], [right]) => (left < right ? -1 : 1));
  };

  it('gives cells that add up to those of all rows, a bounded number at a time', () => {
    const parts = [...cellsInParts(columns, binSets, 100)];
    const whole = cellsOfColumns(columns, binSets);
    expect(parts.length).toBeGreaterThan(5);
    for (const { features } of parts) expect(features.length).toBeLessThanOrEqual(100);
    expect(addUp(parts.flatMap(({ features }) => features))).toEqual(addUp(whole.features));
    const traffic = parts.flatMap((part) => part.traffic);
    expect(traffic.reduce((sum, { n }) => sum + n, 0)).toBe(300);
  });

  it('vouches in each part for the predictions of that part', () => {
    for (const { features, traffic } of cellsInParts(columns, binSets, 100)) {
      const vouching = features.filter(({ series }) => series === VOUCHING_SERIES);
      const ofAll = traffic.filter(({ segment }) => segment === '');
      expect(vouching.map(({ minuteMs, n, idHashSum }) => [minuteMs, n, idHashSum])).toEqual(
        ofAll.map(({ minuteMs, n, idHashSum }) => [minuteMs, n, idHashSum]),
      );
    }
  });

  it('is one part when there are few minutes', () => {
    expect([...cellsInParts(columns, binSets, 100_000)]).toEqual([cellsOfColumns(columns, binSets)]);
  });
});
