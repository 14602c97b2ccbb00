import { formatNumber, formatPercent, formatPValue } from './format-number.js';

it.each([
  [0, '0'],
  [-0, '0'],
  [0.41234, '0.4123'],
  [-12.3456, '−12.35'],
  [5000, '5,000'],
  [1234567, '1,234,567'],
  [123456.789, '123,500'],
  [0.00001234, '1.23e−5'],
  [-4.2e18, '−4.20e18'],
  [NaN, '–'],
  [-Infinity, '−∞'],
])('formatNumber(%p) is %s', (value, expected) => {
  expect(formatNumber(value)).toBe(expected);
});

it.each([
  [0, '0 %'],
  [0.00001, '< 0.01 %'],
  [0.0031, '0.31 %'],
  [0.056, '5.6 %'],
  [0.31, '31 %'],
  [0.996, '99.6 %'],
  [1, '100 %'],
  [-0.2, '−20 %'],
  [12.5, '1,250 %'],
  [NaN, '–'],
])('formatPercent(%p) is %s', (share, expected) => {
  expect(formatPercent(share)).toBe(expected);
});

it.each([
  [0, '< 0.0001'],
  [0.0123, '= 0.012'],
  [1, '= 1'],
])('formatPValue(%p) is %s', (pValue, expected) => {
  expect(formatPValue(pValue)).toBe(expected);
});
