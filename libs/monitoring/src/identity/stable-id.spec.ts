import { stableId } from './stable-id.js';

describe('stableId', () => {
  it('is the FNV-1a hash of the parts as JSON', () => {
    // FNV-1a 128 of the two bytes "[]", computed with Python integers.
    expect(stableId()).toBe('0880950eb2ab1be95aa0733055956c75');
    expect(stableId('a', 1)).toBe('29a4cd80744ff78d4b9493e9f5ca30fb');
  });

  it('agrees with the definition in whole numbers of 128 bits', () => {
    const prime = 0x0000000001000000000000000000013bn;
    for (let i = 0; i < 500; i++) {
      const parts = ['transition', 'ä'.repeat(i % 60), i * 7_919, String.fromCodePoint(1 + i * 97)];
      let hash = 0x6c62272e07bb014262b821756295c58dn;
      for (const byte of new TextEncoder().encode(JSON.stringify(parts)))
        hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * prime);
      expect(stableId(...parts)).toBe(hash.toString(16).padStart(32, '0'));
    }
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
