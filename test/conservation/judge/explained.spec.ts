import { isExplained } from './explained.js';

const alert = (method: string, values: object = {}) => ({
  model: 'm',
  version: '1',
  method,
  severity: 'warning',
  ...values,
});

describe('isExplained', () => {
  it.each([
    ['by a fault of the schema', alert('psi.decile'), alert('missing_rate'), true],
    ['by no data', alert('accuracy'), alert('ks', { severity: 'no_data' }), true],
    ['not by what is milder', alert('psi.decile', { severity: 'critical' }), alert('missing_rate'), false],
    ['not by what comes after it', alert('missing_rate'), alert('psi.decile'), false],
    ['not by another version', alert('psi.decile'), alert('missing_rate', { version: '2' }), false],
    ['not by another model', alert('psi.decile'), alert('missing_rate', { model: 'n' }), false],
    ['not by errors of the service', alert('psi.decile'), alert('error_rate'), false],
  ])('%s', (_, follows, cause, expected) => {
    expect(isExplained(follows, [cause])).toBe(expected);
  });
});
