import { inferTextColumn, textValue } from './infer-text-column.js';

it.each<[readonly string[], string]>([
  [['1', '2.5', '-3e4', '.5', ''], 'numeric'],
  [['1', 'nan', 'NaN'], 'numeric'],
  [['true', 'False', ''], 'boolean'],
  [['1', 'x'], 'categorical'],
  [['0x10', '1'], 'categorical'],
  [['', ''], 'categorical'],
  [[], 'categorical'],
])('%j is %s', (values, expected) => {
  expect(inferTextColumn(values)).toBe(expected);
});

it.each<[string, 'numeric' | 'boolean' | 'categorical', string | number | boolean | null]>([
  ['1.0', 'numeric', 1],
  ['', 'numeric', null],
  ['nan', 'numeric', null],
  ['n/a', 'numeric', 'n/a'],
  ['True', 'boolean', true],
  ['0', 'boolean', false],
  ['yes', 'boolean', 'yes'],
  ['1.0', 'categorical', '1.0'],
])('%j as %s is %j', (text, kind, expected) => {
  expect(textValue(text, kind)).toBe(expected);
});
