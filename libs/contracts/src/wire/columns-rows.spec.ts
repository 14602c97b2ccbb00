import type { PredictionColumns } from '../prediction-columns.js';
import { cutRows, eventOfRow, joinColumns, selectRows } from './columns-rows.js';
import { featureList } from './feature-column.js';

const columns: PredictionColumns = {
  project: 'p',
  model: 'm',
  version: '1',
  rows: 3,
  predictionIds: ['a', 'b', 'c'],
  timestampsMs: [1, 2, 3],
  receivedAtMs: [4, 5, 6],
  features: new Map<string, (number | string | null)[]>([
    ['x', [1, null, 3]],
    ['y', ['u', 'v', null]],
  ]),
  labels: ['1', null, '0'],
  tags: [null, { t: 'x' }, null],
};

function listed(packed: PredictionColumns): PredictionColumns {
  return { ...packed, features: new Map([...packed.features].map(([name, column]) => [name, featureList(column)])) };
}

describe('rows of prediction columns', () => {
  it('selects rows in the order given, of every column', () => {
    expect(selectRows(columns, [2, 0])).toEqual({
      ...columns,
      rows: 2,
      predictionIds: ['c', 'a'],
      timestampsMs: [3, 1],
      receivedAtMs: [6, 4],
      features: new Map<string, unknown>([
        ['x', [3, 1]],
        ['y', [null, 'u']],
      ]),
      labels: ['0', '1'],
      tags: [null, null],
    });
  });

  it('gives a row back as an event, without what is missing', () => {
    const event = eventOfRow(columns, 1);
    expect({ ...event, features: { ...event.features } }).toEqual({
      project: 'p',
      model: 'm',
      version: '1',
      predictionId: 'b',
      timestampMs: 2,
      receivedAtMs: 5,
      features: { y: 'v' },
      tags: { t: 'x' },
    });
  });

  it('cuts into parts that joined are the same again', () => {
    const parts = cutRows(columns, 2);
    expect(parts.map(({ predictionIds }) => predictionIds)).toEqual([['a', 'b'], ['c']]);
    const [joined, ...rest] = joinColumns(parts, 10);
    expect(rest).toEqual([]);
    expect(listed(joined!)).toEqual(columns);
    expect(cutRows(columns, 3)).toEqual([columns]);
  });

  it('joins columns that lack features or members of one another, apart by version and up to the rows allowed', () => {
    const other: PredictionColumns = {
      ...{ project: 'p', model: 'm', version: '1', rows: 1, predictionIds: ['d'], timestampsMs: [4] },
      receivedAtMs: [7],
      features: new Map([['z', [true]]]),
      scores: [0.5],
    };
    const [joined, ...rest] = joinColumns([columns, other], 4);
    expect(rest).toEqual([]);
    expect(joined).toMatchObject({ rows: 4, labels: ['1', null, '0', null], scores: [null, null, null, 0.5] });
    expect(joined!.features.get('z')).toEqual([null, null, null, true]);
    expect(joined!.features.get('x')).toEqual({ packed: Float64Array.of(1, NaN, 3, NaN) });
    expect(joinColumns([columns, other], 3)).toEqual([columns, other]);
    expect(joinColumns([columns, { ...other, version: '2' }], 10)).toHaveLength(2);
  });

  it('joins many thousands of single rows', () => {
    const features = new Map(Array.from({ length: 20 }, (_each, k) => [`f${k}`, [k]] as const));
    const singles = Array.from({ length: 20_000 }, (_each, row): PredictionColumns => ({
      ...{ project: 'p', model: 'm', version: '1', rows: 1, predictionIds: [`id-${row}`], timestampsMs: [row] },
      ...{ receivedAtMs: [row], features },
    }));
    const joined = joinColumns(singles, 15_000);
    expect(joined.map(({ rows }) => rows)).toEqual([15_000, 5_000]);
  });

  it('does not join what would be mostly empty', () => {
    const apart = Array.from({ length: 20 }, (_each, part): PredictionColumns => {
      const rows = 100;
      const list = <T>(value: T): T[] => new Array<T>(rows).fill(value);
      const names = Array.from({ length: 50 }, (_name, k) => `f${part}-${k}`);
      return {
        ...{ project: 'p', model: 'm', version: '1', rows, predictionIds: list('x'), timestampsMs: list(1) },
        receivedAtMs: list(1),
        features: new Map(names.map((name) => [name, list(1)])),
      };
    });
    const entries = joinColumns(apart, 100_000).reduce((sum, { rows, features }) => sum + rows * features.size, 0);
    expect(entries).toBeLessThanOrEqual(4 * 20 * 100 * 50 + 65_536);
  });
});
