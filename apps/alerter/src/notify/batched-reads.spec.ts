import { BatchedReads } from './batched-reads.js';

describe('BatchedReads', () => {
  it('reads once for all who ask at a time, and again for who asks while it reads', async () => {
    const calls: string[][] = [];
    let later: Promise<string> | undefined;
    const reads = new BatchedReads<string, string>(
      (key) => key,
      async (keys) => {
        calls.push([...keys]);
        later ??= reads.load('a');
        return keys.map((key) => `${key}${calls.length}`);
      },
      2,
    );
    const first = await Promise.all(['a', 'b', 'a', 'c'].map((key) => reads.load(key)));
    expect(first).toEqual(['a1', 'b1', 'a1', 'c2']);
    expect(await later).toBe('a2');
    expect(calls).toEqual([
      ['a', 'b'],
      ['c', 'a'],
    ]);
  });

  it('tells each of a failure, and reads again afterwards', async () => {
    let fails = true;
    const reads = new BatchedReads<string, string>(
      (key) => key,
      async (keys) => {
        if (fails) throw new Error('away');
        return keys;
      },
      9,
    );
    await expect(reads.load('a')).rejects.toThrow('away');
    fails = false;
    expect(await reads.load('a')).toBe('a');
  });
});
