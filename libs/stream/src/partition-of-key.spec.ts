import { murmur2, partitionOfKey } from './partition-of-key.js';

describe('murmur2', () => {
  // The vectors of Kafka's own test: org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s is that of Kafka', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });
});

describe('partitionOfKey', () => {
  it('drops the sign instead of taking the absolute value, as Kafka does', () => {
    expect(partitionOfKey('21', 1_000)).toBe((-973932308 & 0x7fffffff) % 1_000);
  });

  it('is a partition for any key', () => {
    for (const key of ['', 'default/loan', 'pröject/模型', 'x'.repeat(1_000)]) {
      for (const partitions of [1, 2, 7, 64]) {
        expect(partitionOfKey(key, partitions)).toBeGreaterThanOrEqual(0);
        expect(partitionOfKey(key, partitions)).toBeLessThan(partitions);
      }
    }
  });
});
