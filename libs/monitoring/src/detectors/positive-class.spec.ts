import { positiveClassOf } from './positive-class.js';

describe('positiveClassOf', () => {
  it.each([
    ['the declared one', { positive_class: 'bad' }, ['0', '1'], 'bad'],
    ['a declared number, as text', { positive_class: 1 }, ['0', '1'], '1'],
    ['"1" of two', {}, ['1', '2'], '1'],
    ['the last of two', {}, ['no', 'yes', 'no'], 'yes'],
    ['"1" alone', {}, ['1'], '1'],
    ['none while one other class is known', {}, ['0'], undefined],
    ['none of three', {}, ['a', 'b', 'c'], undefined],
    ['none of several classes by declaration', { task: 'multiclass' as const }, ['a', 'b'], undefined],
    ['none of none', {}, [], undefined],
  ])('%s', (_, declaration, classes, expected) => {
    expect(positiveClassOf(declaration, classes)).toBe(expected);
  });
});
