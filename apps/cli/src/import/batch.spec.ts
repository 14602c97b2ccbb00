import { COLUMNS_CONTENT_TYPE } from '@plumbline/contracts';
import { BatchBuilder, NDJSON_CONTENT_TYPE, splitBatch, type Batch } from './batch.js';

function textOf(batch: Batch | undefined): string {
  return Buffer.from(batch!.content).toString();
}

it('completes a batch at its number of events or of bytes', () => {
  const builder = new BatchBuilder({ maxEvents: 2, maxBytes: 20 });
  expect(builder.add(1, '{"a":1}')).toBeUndefined();
  const byCount = builder.add(2, '{"b":1}');
  expect(textOf(byCount)).toBe('{"a":1}\n{"b":1}\n');
  expect(byCount!.rows).toEqual([1, 2]);
  expect(builder.add(3, '{"long":"…………"}'.padEnd(30))?.rows).toEqual([3]);
  expect(builder.take()).toBeUndefined();
});

it('halves a batch at a line', () => {
  const content = Buffer.from('1\n22\n333\n');
  const batch: Batch = { contentType: NDJSON_CONTENT_TYPE, content, rows: [7, 8, 9] };
  const [first, second] = splitBatch(batch);
  expect([textOf(first), first.rows]).toEqual(['1\n', [7]]);
  expect([textOf(second), second.rows]).toEqual(['22\n333\n', [8, 9]]);
});

it('halves columns at a row', () => {
  const columns = { model: 'm', prediction_id: ['a', 'b', 'c'], features: { x: [1, 2, 3] } };
  const content = Buffer.from(JSON.stringify(columns));
  const [first, second] = splitBatch({ contentType: COLUMNS_CONTENT_TYPE, content, rows: [7, 8, 9] });
  expect([JSON.parse(textOf(first)), first.rows]).toEqual([
    { model: 'm', prediction_id: ['a'], features: { x: [1] } },
    [7],
  ]);
  expect([JSON.parse(textOf(second)), second.rows]).toEqual([
    { model: 'm', prediction_id: ['b', 'c'], features: { x: [2, 3] } },
    [8, 9],
  ]);
});
