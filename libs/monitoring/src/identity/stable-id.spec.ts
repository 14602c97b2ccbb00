import { stableId } from './stable-id.js';

describe('stableId', () => {
  it('is the FNV-1a hash of the parts as JSON', () => {
    // FNV-1a 128 of the two bytes "[]", computed with Python integers.
    expect(stableId()).toBe('0880950eb2ab1be95aa0733055956c75');
    expect(stableId('a', 1)).toBe('29a4cd80744ff78d4b9493e9f5ca30fb');
  });

  it.each([
    [
      ['ab', 'c'],
      ['a', 'bc'],
    ],
    [['1'], [1]],
    [['a'], ['a', '']],
    [['ä'], ['a']],
  ])('tells %j from %j', (left, right) => {
    expect(stableId(...left)).not.toBe(stableId(...right));
  });

  it('gives 32 hex digits whatever the parts', () => {
    for (let i = 0; i < 300; i++) expect(stableId('part', i)).toMatch(/^[0-9a-f]{32}$/);
  });
});
