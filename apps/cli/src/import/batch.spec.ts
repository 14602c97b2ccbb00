import { BatchBuilder, splitBatch, type Batch } from './batch.js';

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
  const batch = { content: Buffer.from('1\n22\n333\n'), rows: [7, 8, 9] };
  const [first, second] = splitBatch(batch);
  expect([textOf(first), first.rows]).toEqual(['1\n', [7]]);
  expect([textOf(second), second.rows]).toEqual(['22\n333\n', [8, 9]]);
});
