import { labelWireSchema } from '@plumbline/contracts';
import type { ColumnBlock, RowFault } from './column-block.js';
import { encodeLabels } from './encode-labels.js';
import type { ImportPlan } from './import-plan.js';

const LABELS: ImportPlan = {
  kind: 'labels',
  model: 'loans',
  version: undefined,
  answer: 'label',
  mapping: { ignore: [], label: 'truth' },
  idPrefix: 'abc',
};

function encode(plan: ImportPlan, columns: Record<string, ArrayLike<unknown>>, rowCount: number) {
  const block: ColumnBlock = {
    ...{ firstRow: 11, rowCount, columns: new Map(Object.entries(columns)), faults: [], progress: 1 },
  };
  const events: { row: number; event: unknown }[] = [];
  const faults: RowFault[] = [];
  encodeLabels(plan, block, {
    event: (row, text) => events.push({ row, event: JSON.parse(text) }),
    fault: (fault) => faults.push(fault),
  });
  return { events, faults };
}

it('writes labels with the ids of the predictions, and skips rows without a label', () => {
  const { events, faults } = encode(LABELS, { truth: [1, null, 'no'] }, 3);
  expect(faults).toEqual([]);
  expect(events.map(({ event }) => event)).toEqual([
    { model: 'loans', prediction_id: 'abc-11', label: 1 },
    { model: 'loans', prediction_id: 'abc-13', label: 'no' },
  ]);
  for (const { event } of events) expect(labelWireSchema.safeParse(event).success).toBe(true);
});

it('names rows without a time or an id, and keeps the others', () => {
  const mapping = { ...LABELS.mapping, prediction_id: 'id', timestamp: 'at' };
  const columns = { truth: [1, 1, 1], id: ['x', null, 'z"'], at: ['soon', 5, '2026-01-01'] };
  const { events, faults } = encode({ ...LABELS, mapping }, columns, 3);
  expect(events).toEqual([
    { row: 13, event: { model: 'loans', prediction_id: 'z"', label: 1, timestamp: Date.UTC(2026, 0, 1) } },
  ]);
  expect(faults.map(({ row, field, reason }) => [row, field, reason])).toEqual([
    [11, 'at', 'wrong_type'],
    [12, 'id', 'missing'],
  ]);
});
