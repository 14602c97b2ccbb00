import fc from 'fast-check';
import { PlainJson } from './plain-json.js';

/** What the reader makes of a text that holds one value and nothing else. */
function read(text: string): unknown {
  const json = new PlainJson();
  json.start(Buffer.from(text));
  const value = json.any(4);
  return value !== undefined && json.isAtEnd ? value : undefined;
}

describe('PlainJson', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['7', 7],
    ['-12.5', -12.5],
    ['0.1', 0.1],
    ['0.30000000000000004', 0.30000000000000004],
    ['123456789012345678', 123456789012345680],
    ['9007199254740993', 9007199254740992],
    ['9007199254740993.5', 9007199254740994],
    ['0.000000000000000000000000000001', 1e-30],
    ['1e999', Infinity],
    ['1.5E-3', 0.0015],
    ['12345678901234567890123', 1.2345678901234568e22],
    ['" a b "', ' a b '],
    ['true', true],
    ['false', false],
    ['null', null],
    [' {"a" : [1 , 2,\n"x", null]} ', { a: [1, 2, 'x', null] }],
    ['[]', []],
    ['{}', {}],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toEqual(expected);
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '+1',
    'nul',
    'NaN',
    '"a',
    '"a\\n"',
    '"ä"',
    '"\u007f"',
    '"\t"',
    '[1,]',
    '[1 2]',
    '{"a":1,}',
    '{"a"}',
    '{a:1}',
    '{"__proto__":1}',
    '[[[[[1]]]]]',
    '1 2',
    '\u0001 1',
    '\ufeff1',
  ])('leaves %j to JSON.parse', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('reads every double as JSON.parse does', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    const written = fc.oneof(
      double.map(String),
      fc.tuple(double, fc.integer({ min: 1, max: 21 })).map(([value, digits]) => value.toPrecision(digits)),
      fc
        .tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 25 }))
        .map(([value, digits]) => value.toFixed(digits)),
      // As many digits as make a rounding hard.
      fc
        .tuple(fc.maxSafeNat(), fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 18 }))
        .map(([head, tail, decimals]) => {
          const digits = `${head}${String(tail).padStart(2, '0')}`.padStart(decimals + 1, '0');
          return decimals === 0 ? digits.replace(/^0+(?=\d)/, '') : withPoint(digits, decimals);
        }),
    );
    fc.assert(
      fc.property(written, (text) => Object.is(read(text), JSON.parse(text))),
      { numRuns: 20_000 },
    );
  });

  it('reads every value as JSON.parse does, or leaves it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (text) => {
        const value = read(text);
        if (value !== undefined) expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves what is damaged anywhere, or reads it as JSON.parse does', () => {
    const whole = '{"id":"a-1","n":[1.25,-3,null,"x"],"o":{"t":true}}';
    const edit = fc.tuple(fc.nat(whole.length), fc.constantFrom(...'{}[]",:\\0-.en \u00e4\u0001'), fc.boolean());
    fc.assert(
      fc.property(edit, ([at, character, replaces]) => {
        const text = whole.slice(0, at) + character + whole.slice(replaces ? at + 1 : at);
        const value = read(text);
        if (value !== undefined) expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives the same text the same string, also after thousands of others', () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => `text-${index % 6_000}`);
    expect(read(JSON.stringify(texts))).toEqual(texts);
  });

  it('reads texts that all have one hash', () => {
    // "Aa" and "BB" have the same.
    const texts = Array.from({ length: 1_024 }, (_, index) =>
      Array.from({ length: 10 }, (_bit, bit) => ((index >> bit) & 1 ? 'Aa' : 'BB')).join(''),
    );
    expect(read(JSON.stringify([...texts, ...texts]))).toEqual([...texts, ...texts]);
  });
});

function withPoint(digits: string, decimals: number): string {
  const whole = digits.slice(0, -decimals).replace(/^0+(?=\d)/, '');
  return `${whole}.${digits.slice(-decimals)}`;
}
