import { withoutDepths } from './without-depths.js';

describe('withoutDepths', () => {
  const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

  it('leaves what can be written as it is', () => {
    const value = { a: [1, { b: null }], c: deep(50) };
    expect(withoutDepths(value)).toBe(value);
  });

  it('makes something of any depth writable, and still too deep for an event', () => {
    const written = JSON.stringify(withoutDepths({ id: 'x', a: { b: deep(100_000) } }));
    expect(written).toBe(`{"id":"x","a":{"b":${'['.repeat(62)}null${']'.repeat(62)}}}`);
  });
});
