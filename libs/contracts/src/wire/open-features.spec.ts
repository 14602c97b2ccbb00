import fc from 'fast-check';
import type { FeatureValue } from '../event.schema.js';
import { featureList, isPacked } from './feature-column.js';
import { OpenFeatures } from './open-features.js';

type Row = Readonly<Record<string, FeatureValue>>;

function columnsOf(rows: readonly Row[]) {
  const open = new OpenFeatures();
  rows.forEach((row, index) =>
    Object.entries(row).forEach(([name, value], hint) => open.add(name, value, index, hint)),
  );
  expect(open.size).toBe(new Set(rows.flatMap((row) => Object.keys(row))).size);
  return open.close(rows.length);
}

describe('OpenFeatures', () => {
  it('gives each feature what the rows hold, in the order in which the names came', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 3 });
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.double({ noNaN: true }) },
      { weight: 1, arbitrary: fc.oneof(fc.string(), fc.boolean(), fc.constant(null)) },
    );
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true }), { maxLength: 90 }),
        (rows) => {
          const columns = columnsOf(rows);
          expect([...columns.keys()]).toEqual([...new Set(rows.flatMap((row) => Object.keys(row)))]);
          for (const [feature, column] of columns) {
            expect(featureList(column)).toEqual(rows.map((row) => row[feature] ?? null));
          }
        },
      ),
    );
  });

  it('packs numbers, and holds no more than twice the memory that they fill', () => {
    const rows = Array.from({ length: 1_030 }, (_row, i): Row =>
      Object.fromEntries(Array.from({ length: 40 }, (_feature, k) => [`f${k}`, i * 40 + k])),
    );
    const columns = columnsOf(rows);
    columns.forEach((column, feature) => {
      const numbers = isPacked(column) ? column.packed : undefined;
      expect(Array.from(numbers!)).toEqual(rows.map((row) => row[feature]));
      expect(numbers!.buffer.byteLength).toBeLessThanOrEqual(2 * 8 * 40 * rows.length);
    });
  });

  it('makes a list of a column whose first text comes after rows of numbers and of nothing', () => {
    const rows: Row[] = [
      { x: 1, y: 2 },
      { x: null },
      ...Array.from({ length: 30 }, (): Row => ({ y: 3 })),
      { x: 'z' },
      { x: 4 },
    ];
    const columns = columnsOf(rows);
    expect(columns.get('x')).toEqual(rows.map(({ x }) => x ?? null));
    expect(columns.get('y')).toEqual({ packed: Float64Array.from(rows, ({ y }) => (y as number | undefined) ?? NaN) });
  });

  it('has a list of nothing for a feature that no row has a value of', () => {
    expect(columnsOf([{ x: null }, { x: null }]).get('x')).toEqual([null, null]);
  });
});
