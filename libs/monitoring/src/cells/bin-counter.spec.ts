import fc from 'fast-check';
import { BinCounter } from './bin-counter.js';

describe('BinCounter', () => {
  it('counts bins per group, ascending', () => {
    const counter = new BinCounter(2, 4, 5);
    for (const [group, bin] of [
      [1, 3],
      [0, 2],
      [1, 0],
      [1, 3],
      [0, 2],
    ] as const)
      counter.add(group, bin);
    expect(counter.perGroup()).toEqual([
      { indexes: [2], counts: [2] },
      { indexes: [0, 3], counts: [1, 2] },
    ]);
  });

  it('counts alike by table and by sorting', () => {
    const added = fc.array(fc.tuple(fc.nat(2), fc.nat(4)), { maxLength: 50 });
    fc.assert(
      fc.property(added, (pairs) => {
        const few = new BinCounter(3, 5, pairs.length);
        // So many bins that a table would be mostly empty.
        const many = new BinCounter(3, 1_000_000, pairs.length);
        for (const [group, bin] of pairs) {
          few.add(group, bin);
          many.add(group, bin);
        }
        expect(many.perGroup()).toEqual(few.perGroup());
      }),
    );
  });

  it('has nothing to say of a series without bins', () => {
    expect(new BinCounter(2, 0, 10).perGroup()).toEqual([
      { indexes: [], counts: [] },
      { indexes: [], counts: [] },
    ]);
  });
});
