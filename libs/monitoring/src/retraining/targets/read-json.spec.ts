import { atPointer, idAt, parseJson, webAddress } from './read-json.js';

describe('atPointer', () => {
  const value = { a: [{ b: 0 }], '': 1, 'c/d': 2, 'e~f': 3, nothing: null };

  it.each<[string, unknown]>([
    ['', value],
    ['/', 1],
    ['/a/0/b', 0],
    ['/a/1', undefined],
    ['/c~1d', 2],
    ['/e~0f', 3],
    ['/nothing', null],
    ['/nothing/more', undefined],
    ['/toString', undefined],
    ['/__proto__', undefined],
  ])('reads %j', (pointer, found) => {
    expect(atPointer(value, pointer)).toEqual(found);
  });

  it('finds nothing in what is no JSON', () => {
    expect(atPointer(parseJson('<html>'), '/a')).toBeUndefined();
  });
});

describe('idAt', () => {
  it.each<[unknown, string]>([
    ['run-1', 'run-1'],
    [42, '42'],
    [2 ** 60, ''],
    [1.5, ''],
    ['a\u0000b', ''],
    ['x'.repeat(501), ''],
    [{}, ''],
    [null, ''],
  ])('takes %j as %j', (id, taken) => {
    expect(idAt({ id }, '/id')).toBe(taken);
  });
});

describe('webAddress', () => {
  it.each<[unknown, string]>([
    ['https://example.com/a', 'https://example.com/a'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    ['javascript:alert(1)', ''],
    ['data:text/html,x', ''],
    ['/relative', ''],
    [7, ''],
    [`https://example.com/${'x'.repeat(500)}`, ''],
  ])('takes %j as %j', (text, taken) => {
    expect(webAddress(text)).toBe(taken);
  });
});
