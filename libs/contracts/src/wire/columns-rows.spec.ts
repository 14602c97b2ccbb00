import type { PredictionColumns } from '../prediction-columns.js';
import { eventOfRow, selectRows } from './columns-rows.js';

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
});
