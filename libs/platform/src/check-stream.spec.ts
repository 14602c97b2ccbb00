import type { PartitionHealth } from '@plumbline/stream';
import { checkStream } from './check-stream.js';

const NOW_MS = 10_000_000;

const partition = (oldestAgeMs: number, progressAgoMs: number): PartitionHealth => ({
  topic: 'plumbline.labels',
  partition: 0,
  queuedRecords: oldestAgeMs > 0 ? 1 : 0,
  queuedBytes: 10,
  oldestAgeMs,
  lastProgressAtMs: NOW_MS - progressAgoMs,
});

describe('checkStream', () => {
  it.each([
    ['nothing waits, for however long', [partition(0, 3_600_000)], true],
    ['records wait and the handler goes on', [partition(3_600_000, 59_000)], true],
    ['records have just come to a handler that was idle', [partition(59_000, 3_600_000)], true],
    ['records wait and the handler does not go on', [partition(0, 0), partition(61_000, 61_000)], false],
  ])('when %s', (_, partitions, ok) => {
    const result = checkStream({ partitions, faults: [] }, NOW_MS);
    expect(result.ok).toBe(ok);
    if (!ok) expect(result.detail).toBe('no progress for a minute on plumbline.labels');
  });

  it('passes on what is wrong with the stream itself', () => {
    const faults = ['the brokers are away', 'a consumer has died'];
    expect(checkStream({ partitions: [], faults }, NOW_MS)).toEqual({
      ok: false,
      detail: 'the brokers are away; a consumer has died',
    });
  });
});
