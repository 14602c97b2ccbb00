import { findingOf } from '../../../test/contract/channel.contract.js';
import { findingLine } from './finding-line.js';
import { formatThreshold, formatValue, methodName } from './method-name.js';

it.each([
  [
    findingOf(),
    'car_value: mean 41.2 → 52.7 (+0.8 standard deviations); PSI 0.41 (threshold 0.25); n 5,000 against 20,000; p = 0.0001; 62 % of the shift',
  ],
  [
    findingOf({
      feature: '$prediction',
      segment: 'country=DE',
      method: 'ks',
      change: '',
      share: NaN,
      pValue: NaN,
      nReference: 0,
    }),
    'prediction in country=DE: KS 0.41 (threshold 0.25); n 5,000',
  ],
  [
    findingOf({
      feature: '',
      method: 'accuracy',
      value: 0.81,
      threshold: 0.1,
      change: 'accuracy 0.9 → 0.81',
      share: NaN,
    }),
    'accuracy: accuracy 0.9 → 0.81; accuracy 0.81 (threshold 10 % worse); n 5,000 against 20,000; p = 0.0001',
  ],
  [
    findingOf({ feature: '', method: 'volume', value: 12, threshold: 100, change: '', share: NaN, pValue: NaN }),
    'predictions: predictions 12 (threshold at most 100)',
  ],
  [findingOf({ value: NaN, threshold: NaN, pValue: NaN, nCurrent: 0, share: NaN, change: '' }), 'car_value: '],
])('sets a finding on one line', (finding, line) => {
  expect(findingLine(finding)).toBe(line);
});

it.each([
  ['missing_rate', '31 %', '+31 %'],
  ['latency_p99_ms', '0.31 ms', '0.31 ms'],
  ['psi.decile', '0.31', '0.31'],
  ['rmse', '0.31', '31 % worse'],
  ['of another day', '0.31', '0.31'],
])('gives values and thresholds of %s their unit', (method, value, threshold) => {
  expect(formatValue(method, 0.31)).toBe(value);
  expect(formatThreshold(method, 0.31)).toBe(threshold);
  expect(methodName('of another day')).toBe('of another day');
});
