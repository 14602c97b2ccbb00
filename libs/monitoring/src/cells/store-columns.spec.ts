import { type FeatureColumn, type FeatureSchema, MISSING_TEXT, type PredictionColumns } from '@plumbline/contracts';
import { murmur3 } from './murmur3.js';
import { sliceColumns } from './slice-columns.js';
import { storeColumns } from './store-columns.js';

const SCHEMA: FeatureSchema = { schemaId: 1, numberNames: ['age'], textNames: ['city'], booleanNames: ['vip'] };

const columnsOf = (change: Partial<PredictionColumns>): PredictionColumns => ({
  project: 'p',
  model: 'm',
  version: '1',
  rows: 4,
  predictionIds: ['a', 'b', 'c', 'd'],
  timestampsMs: [1, 2, 3, 4],
  receivedAtMs: [5, 5, 5, 5],
  features: new Map(),
  ...change,
});

describe('storeColumns', () => {
  it('puts values of the right kind in their place, and sets others apart with their feature', () => {
    const stored = storeColumns(
      columnsOf({
        features: new Map<string, (number | string | boolean | null)[]>([
          ['age', [1, 'x', true, null]],
          ['city', ['Ulm', 7, false, MISSING_TEXT]],
          ['vip', [true, false, 'yes', 1]],
        ]),
      }),
      SCHEMA,
      [],
      undefined,
    );
    expect(stored.numbers.map((values) => Array.from(values))).toEqual([[1, NaN, NaN, NaN]]);
    expect(stored.texts).toEqual([
      ['Ulm', '7', MISSING_TEXT, MISSING_TEXT],
      ['true', 'false', MISSING_TEXT, MISSING_TEXT],
    ]);
    expect([...stored.invalid]).toEqual([
      [1, [['age'], ['"x"']]],
      [
        2,
        [
          ['age', 'city', 'vip'],
          ['true', 'false', '"yes"'],
        ],
      ],
      [
        3,
        [
          ['city', 'vip'],
          ['"\\u0000"', '1'],
        ],
      ],
    ]);
    expect(Array.from(stored.idHashes)).toEqual(['a', 'b', 'c', 'd'].map(murmur3));
  });

  it('stores packed numbers as it stores a list of them, whatever kind their feature has', () => {
    const list = [1, null, -Infinity, 2.5];
    const packed = { packed: Float64Array.from(list, (value) => value ?? NaN) };
    const storedAs = (column: FeatureColumn) =>
      storeColumns(
        columnsOf({ features: new Map(['age', 'city', 'vip', 'other'].map((name) => [name, column])) }),
        SCHEMA,
        [],
        undefined,
      );
    expect(storedAs(packed)).toEqual(storedAs(list));
    expect(storedAs(packed).numbers).toEqual([Float64Array.of(1, NaN, NaN, 2.5)]);
  });

  it('has a weight of each row where some are sampled', () => {
    const weightsOf = (change: Partial<PredictionColumns>) =>
      storeColumns(columnsOf(change), SCHEMA, [], undefined).sampleWeights;
    expect(weightsOf({ sampleRates: [0.1, null, 1, 0.5] })).toEqual(Float64Array.of(10, 1, 1, 2));
    expect(weightsOf({})).toBeUndefined();
  });

  it('takes a feature that no row has as missing, and keeps values that the schema has no place for', () => {
    const stored = storeColumns(
      columnsOf({ features: new Map([['extra', [null, 1.5, null, 'x']]]) }),
      SCHEMA,
      [],
      undefined,
    );
    expect(Array.from(stored.numbers[0]!)).toEqual([NaN, NaN, NaN, NaN]);
    expect(stored.texts[0]).toEqual(new Array(4).fill(MISSING_TEXT));
    expect([...stored.invalid]).toEqual([
      [1, [['extra'], ['1.5']]],
      [3, [['extra'], ['"x"']]],
    ]);
  });

  it('reads the score of the positive class out of the scores of all, unless a score stands by itself', () => {
    const classScores = [{ yes: 0.7, no: 0.3 }, { yes: 0.6 }, null, { no: 1 }];
    const scoresOf = (change: Partial<PredictionColumns>, positive: string | undefined): number[] | undefined => {
      const { scores } = storeColumns(columnsOf({ classScores, ...change }), SCHEMA, [], positive);
      return scores && Array.from(scores);
    };
    expect(scoresOf({}, 'yes')).toEqual([0.7, 0.6, NaN, NaN]);
    expect(scoresOf({ scores: [null, 0.1, 0.2, null] }, 'yes')).toEqual([0.7, 0.1, 0.2, NaN]);
    expect(scoresOf({}, undefined)).toBeUndefined();
  });

  it('finds the rows of segments by features, else by tags', () => {
    const segments = [
      { name: 'ulm', where: { city: 'Ulm' } },
      { name: 'old-ulm', where: { city: 'Ulm', age: 70 } },
      { name: 'none', where: { city: 'Rome' } },
    ];
    const stored = storeColumns(
      columnsOf({
        features: new Map<string, (number | string | null)[]>([
          ['age', [70, 30, 70, 70]],
          ['city', ['Ulm', 'Ulm', null, 'Bonn']],
        ]),
        tags: [null, null, { city: 'Ulm' }, { city: 'Ulm' }],
      }),
      SCHEMA,
      segments,
      undefined,
    );
    expect([...stored.segments]).toEqual([
      ['ulm', [0, 1, 2]],
      ['old-ulm', [0, 2]],
    ]);
    expect([...sliceColumns(stored, 1, 3).segments]).toEqual([
      ['ulm', [0, 1]],
      ['old-ulm', [1]],
    ]);
  });

  it('slices every column alike', () => {
    const stored = storeColumns(
      columnsOf({
        features: new Map<string, (number | string | null)[]>([['age', [1, 'x', 3, 4]]]),
        labels: ['0', '1', null, '1'],
        tags: [null, { t: 'u' }, null, null],
      }),
      SCHEMA,
      [],
      undefined,
    );
    const slice = sliceColumns(stored, 1, 3);
    expect(slice).toMatchObject({ rows: 2, predictionIds: ['b', 'c'], timestampsMs: [2, 3], labels: ['1', ''] });
    expect(slice.numbers.map((values) => Array.from(values))).toEqual([[NaN, 3]]);
    expect([...slice.invalid]).toEqual([[0, [['age'], ['"x"']]]]);
    expect([...slice.tags]).toEqual([[0, [['t'], ['u']]]]);
  });
});
