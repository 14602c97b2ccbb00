import { type Measurement, withoutLabels } from '@plumbline/contracts';
import { sameFindings } from './same-findings.js';

const measurement = (values: Partial<Measurement>): Measurement => ({
  project: 'p',
  model: 'm',
  monitor: 'performance',
  version: '1',
  segment: '',
  feature: '',
  method: 'accuracy',
  windowStartMs: 0,
  windowEndMs: 10,
  dataStartMs: 0,
  revision: 0,
  value: 0.9,
  effect: NaN,
  errorBound: 0,
  pValue: 0.5,
  adjustedPValue: 0.5,
  alpha: 0.01,
  nReference: 1,
  nCurrent: 2,
  nMissing: 3,
  thresholdWarning: 0.05,
  thresholdCritical: NaN,
  lower: 0.8,
  upper: 1,
  ...withoutLabels,
  referenceId: 'ref',
  severity: 'ok',
  decides: true,
  reason: 'fine',
  evaluatedAtMs: 100,
  ...values,
});
const two = [measurement({}), measurement({ method: 'f1' })];

describe('sameFindings', () => {
  it.each([
    ['in another order, evaluated later', [{ method: 'f1', evaluatedAtMs: 200, revision: 3 }, {}], true],
    ['sums rounded otherwise', [{ value: 0.9 + 1e-12 }, { method: 'f1' }], true],
    ['another value', [{ value: 0.91 }, { method: 'f1' }], false],
    ['another number of rows', [{ nCurrent: 3 }, { method: 'f1' }], false],
    ['defined where it was not', [{ effect: 0 }, { method: 'f1' }], false],
    ['another severity', [{ severity: 'warning' as const }, { method: 'f1' }], false],
    ['a series more', [{}, { method: 'f1' }, { method: 'mae' }], false],
    ['a series less', [{}], false],
    ['another series', [{}, { method: 'mae' }], false],
  ])('%s: %#', (_, values, expected) => {
    expect(sameFindings(two, values.map(measurement))).toBe(expected);
  });
});
