import fc from 'fast-check';
import type { FeatureColumn } from '../prediction-columns.js';
import {
  featureAt,
  featureList,
  firstFeature,
  isPacked,
  joinFeatures,
  packFeature,
  pickFeature,
  sliceFeature,
} from './feature-column.js';

const number = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-0, Infinity, -Infinity));
const numbers = fc.array(fc.option(number, { nil: null }), { maxLength: 12 });
const values = fc.array(fc.option(fc.oneof(number, fc.string(), fc.boolean()), { nil: null }), { maxLength: 12 });

function packed(list: readonly (number | null)[]): FeatureColumn {
  return { packed: Float64Array.from(list, (value) => value ?? NaN) };
}

describe('a column of packed numbers', () => {
  it('reads as the list that it was made of, whole, in parts and by rows', () => {
    fc.assert(
      fc.property(numbers, fc.nat(12), fc.nat(12), (list, left, right) => {
        const column = packed(list);
        expect(featureList(column)).toEqual(list);
        expect(list.map((_value, row) => featureAt(column, row))).toEqual(list);
        expect(firstFeature(column)).toBe(firstFeature(list));
        const [from, to] = [Math.min(left, right, list.length), Math.min(Math.max(left, right), list.length)];
        expect(featureList(sliceFeature(column, from, to))).toEqual(sliceFeature(list, from, to));
        const rows = [left, right, left].filter((row) => row < list.length);
        expect(featureList(pickFeature(column, rows))).toEqual(pickFeature(list, rows));
      }),
    );
  });

  it('has no first value when nothing is there', () => {
    expect(firstFeature(packed([null, null]))).toBeNull();
    expect(firstFeature([null, null])).toBeNull();
    expect(firstFeature([])).toBeNull();
  });
});

describe('packFeature', () => {
  it('packs a list of numbers, and leaves any other as it is', () => {
    expect(packFeature([1, null, Infinity])).toEqual({ packed: Float64Array.of(1, NaN, Infinity) });
    const mixed = [1, null, 'x'];
    expect(packFeature(mixed)).toBe(mixed);
  });
});

describe('joinFeatures', () => {
  const part = fc.oneof(
    numbers.map((list) => ({ list: list, column: packed(list) })),
    values.map((list) => ({ list: list, column: list })),
    fc.nat(5).map((rows) => ({ list: new Array<null>(rows).fill(null), column: rows })),
  );

  it('gives what the parts hold one after another, packed when these are numbers', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const wanted = parts.flatMap(({ list }) => list);
        const joined = joinFeatures(parts.map(({ column }) => column));
        expect(featureList(joined)).toEqual(wanted);
        expect(isPacked(joined)).toBe(wanted.every((value) => value === null || typeof value === 'number'));
      }),
    );
  });

  it('does not pack a column that turns out to hold a text late', () => {
    expect(joinFeatures([packed([1, null]), [2, 'x']])).toEqual([1, null, 2, 'x']);
  });
});
