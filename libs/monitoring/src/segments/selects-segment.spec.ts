import type { Segment } from '@plumbline/contracts';
import { isDeclaredSegment, selectionFault, selectsOne, selectsSegment } from './selects-segment.js';

const SEGMENTS: readonly Segment[] = [
  { name: 'young', where: { age: { to: 30 } } },
  { name: 'country', by: 'country' },
  { name: 'tier', by: 'tier', values: ['gold', 1] },
];

describe('selectsSegment', () => {
  it.each<[string | undefined, readonly string[]]>([
    [undefined, ['']],
    ['*', ['young', 'country=DE', 'country:other', 'country=a=b']],
    ['young', ['young']],
    ['country', ['country=DE', 'country:other', 'country=a=b']],
    ['country=DE', ['country=DE']],
    ['country:other', ['country:other']],
    ['countr', []],
  ])('with %j takes %j', (selection, wanted) => {
    const all = ['', 'young', 'country=DE', 'country:other', 'country=a=b'];
    expect(all.filter((segment) => selectsSegment(selection, segment))).toEqual(wanted);
  });

  it('knows selections of one segment', () => {
    expect([undefined, 'young', 'country=DE', 'country', '*'].map((each) => selectsOne(each, SEGMENTS))).toEqual([
      ...[true, true, true],
      ...[false, false],
    ]);
  });
});

describe('isDeclaredSegment', () => {
  it('knows slices, values and the others', () => {
    const names = ['young', 'country=DE', 'country:other', 'tier=gold', 'tier=1', 'tier:other'];
    expect(names.every((name) => isDeclaredSegment(name, SEGMENTS))).toBe(true);
    for (const name of ['', 'old', 'country', 'country=', 'tier=silver', 'young=1'])
      expect(isDeclaredSegment(name, SEGMENTS)).toBe(false);
  });
});

describe('selectionFault', () => {
  it('takes what is declared', () => {
    for (const selection of ['*', 'young', 'country', 'country=日本', 'country:other', 'tier=gold'])
      expect(selectionFault(selection, SEGMENTS, 'loans')).toBeUndefined();
  });

  it('says what is wrong with others, and what to do', () => {
    expect(selectionFault('old', SEGMENTS, 'loans')).toBe(
      'model "loans" declares no segment "old": declare it with PUT /v1/models/loans first',
    );
    expect(selectionFault('tier=silver', SEGMENTS, 'loans')).toBe(
      'segment "tier" of model "loans" lists its values, and this is none of them: add it to `values`, or write "tier:other"',
    );
    expect(selectionFault('*', [], 'loans')).toMatch(/declares no segments/);
  });
});
