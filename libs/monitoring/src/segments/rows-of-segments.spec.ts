import {
  type FeatureColumn,
  type FeatureSchema,
  type FeatureValue,
  MISSING_TEXT,
  type PredictionColumns,
} from '@plumbline/contracts';
import { rowsOfSegments } from './rows-of-segments.js';

const SCHEMA: FeatureSchema = { schemaId: 1, numberNames: ['age'], textNames: ['city'], booleanNames: ['vip'] };

const columnsOf = (
  rows: number,
  features: Readonly<Record<string, FeatureColumn>>,
  tags?: PredictionColumns['tags'],
): PredictionColumns => ({
  project: 'p',
  model: 'm',
  version: '1',
  rows,
  predictionIds: Array.from({ length: rows }, (_, i) => `id-${i}`),
  timestampsMs: Array.from({ length: rows }, (_, i) => i),
  receivedAtMs: Array.from({ length: rows }, () => 0),
  features: new Map(Object.entries(features)),
  ...(tags === undefined ? {} : { tags }),
});

describe('rowsOfSegments', () => {
  it.each<[string, Readonly<Record<string, unknown>>, readonly FeatureValue[], readonly number[]]>([
    ['a category', { city: 'Ulm' }, ['Ulm', 'ulm', null, 'Ulm '], [0]],
    ['a category in any script, by its code points', { city: '東京' }, ['東京', '京東', 'é', '東京'], [0, 3]],
    ['a text that is not normalised', { city: '\u00e9' }, ['\u00e9', 'e\u0301', null, null], [0]],
    ['the category of a number', { city: 7 }, [7, '7', 7.5, '7.0'], [0, 1]],
    ['a value of the wrong type', { city: 'true' }, [true, 'true', null, MISSING_TEXT], [1]],
  ])('finds the rows of %s', (_, where, city, wanted) => {
    const found = rowsOfSegments(
      columnsOf(city.length, { city }),
      SCHEMA,
      [{ name: 's', where: where as Record<string, string> }],
      new Map(),
    );
    expect(found.get('s') ?? []).toEqual(wanted);
  });

  it('takes the tag of a row where packed numbers lack the feature', () => {
    const columns = columnsOf(3, { age: { packed: Float64Array.of(18, NaN, NaN) } }, [
      { age: '7' },
      { age: '18' },
      null,
    ]);
    const rowsOf = (age: number | string) =>
      rowsOfSegments(columns, SCHEMA, [{ name: 's', where: { age } }], new Map()).get('s');
    expect(rowsOf(18)).toEqual([0, 1]);
    expect(rowsOf(7)).toBeUndefined();
  });

  it('takes numbers for what they are, and a text where a number is declared for the wrong type', () => {
    const columns = columnsOf(8, { age: [18, 17.999, 30, 29.999, '20', null, -0, Infinity] });
    const rowsOf = (wanted: number | string | { from?: number; to?: number }) =>
      rowsOfSegments(columns, SCHEMA, [{ name: 's', where: { age: wanted } }], new Map()).get('s');
    expect(rowsOf({ from: 18, to: 30 })).toEqual([0, 3]);
    expect(rowsOf({ from: 18 })).toEqual([0, 2, 3]);
    expect(rowsOf({ to: 18 })).toEqual([1, 6]);
    expect(rowsOf(30)).toEqual([2]);
    expect(rowsOf('30')).toEqual([2]);
    expect(rowsOf('30.0')).toBeUndefined();
    expect(rowsOf(0)).toEqual([6]);
    expect(rowsOf('20')).toBeUndefined();
  });

  it('lets segments overlap, and all conditions of one hold', () => {
    const columns = columnsOf(3, { age: [20, 40, 20], city: ['Ulm', 'Ulm', 'Bonn'], vip: [true, false, true] });
    const segments = [
      { name: 'ulm', where: { city: 'Ulm' } },
      { name: 'young', where: { age: { to: 30 } } },
      { name: 'young-vip-ulm', where: { age: { to: 30 }, vip: true, city: 'Ulm' } },
    ];
    expect([...rowsOfSegments(columns, SCHEMA, segments, new Map())]).toEqual([
      ['ulm', [0, 1]],
      ['young', [0, 2]],
      ['young-vip-ulm', [0]],
    ]);
  });

  it('makes a segment of each known value, and one of all others; missing and wrongly typed values are in none', () => {
    const columns = columnsOf(7, { city: ['Ulm', 'Bonn', null, false, 'x'.repeat(10_000), 'other', ''] }, [
      null,
      null,
      { city: 'Bonn' },
      { city: 'Bonn' },
      null,
      null,
      null,
    ]);
    const known = new Map([['place', new Set(['Ulm', 'Bonn'])]]);
    expect([...rowsOfSegments(columns, SCHEMA, [{ name: 'place', by: 'city' }], known)]).toEqual([
      ['place=Ulm', [0]],
      ['place=Bonn', [1, 2]],
      ['place:other', [4, 5, 6]],
    ]);
  });

  it('takes a tag where no feature of the name is there, but no inherited property', () => {
    const columns = columnsOf(2, {}, [{ tier: 'gold' }, {}]);
    const segments = [
      { name: 'gold', where: { tier: 'gold' } },
      { name: 'proto', by: 'constructor' },
    ];
    expect([...rowsOfSegments(columns, SCHEMA, segments, new Map())]).toEqual([['gold', [0]]]);
  });

  it('keeps the segments few when a million values come', () => {
    const ids = Array.from({ length: 1_000_000 }, (_, i) => `id-${i}`);
    const known = new Map([['customer', new Set(['id-5', 'id-999999'])]]);
    const found = rowsOfSegments(
      columnsOf(ids.length, { city: ids }),
      SCHEMA,
      [{ name: 'customer', by: 'city' }],
      known,
    );
    expect([...found].map(([name, rows]) => [name, rows.length])).toEqual([
      ['customer:other', 999_998],
      ['customer=id-5', 1],
      ['customer=id-999999', 1],
    ]);
  });
});
