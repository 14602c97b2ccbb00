import { monitorDeclarationSchema } from '@plumbline/contracts';
import { judge } from './judge.js';
import { type PlacedMeasurement, undefinedMeasurement } from './raw-measurement.js';

const placed = (values: Partial<PlacedMeasurement>): PlacedMeasurement => ({
  ...undefinedMeasurement,
  feature: 'age',
  method: 'psi.decile',
  version: '1',
  segment: '',
  dataStartMs: 90,
  state: 'measured',
  finding: 'pSI of age is 0.3',
  threshold: { warning: 0.1, critical: 0.25 },
  value: 0.3,
  effect: 0.3,
  pValue: 1e-9,
  ...values,
});

const frame = (declaration: object = { detector: 'feature_drift' }) => ({
  project: 'p',
  model: 'm',
  monitor: 'feature-drift',
  declaration: monitorDeclarationSchema.parse(declaration),
  window: { startMs: 90, endMs: 100 },
  revision: 2,
  evaluatedAtMs: 123,
});

const severityOf = (values: Partial<PlacedMeasurement>) => judge([placed(values)], frame())[0]!.severity;

describe('judge', () => {
  it.each([
    ['below the warning', { effect: 0.0999 }, 'ok'],
    ['at the warning', { effect: 0.1 }, 'warning'],
    ['at the critical bound', { effect: 0.25 }, 'critical'],
    ['beyond, but by chance', { effect: 0.3, pValue: 0.011 }, 'ok'],
    ['at the level', { effect: 0.3, pValue: 0.01 }, 'critical'],
    ['no test: the threshold alone', { pValue: NaN }, 'critical'],
    ['an effect that is not defined', { effect: NaN }, 'ok'],
    ['only a critical bound, not reached', { effect: 0.2, threshold: { critical: 0.25 } }, 'ok'],
    ['only a warning bound', { threshold: { warning: 0.1 } }, 'warning'],
    ['at most: above is fine', { method: 'volume', effect: 5, threshold: { warning: 4, critical: 2 } }, 'ok'],
    ['at most: at the warning', { method: 'volume', effect: 4, threshold: { warning: 4, critical: 2 } }, 'warning'],
    [
      'at most: below the critical',
      { method: 'volume', effect: 0, threshold: { warning: 4, critical: 2 } },
      'critical',
    ],
    ['recorded only', { threshold: undefined }, 'ok'],
    ['too little data', { state: 'insufficient' }, 'insufficient_data'],
    ['no data', { state: 'no_data' }, 'no_data'],
    ['failed', { state: 'error' }, 'error'],
  ] as const)('%s', (_, values, severity) => {
    expect(severityOf(values)).toBe(severity);
  });

  it('corrects for the family: what one feature may do, one of a hundred may not', () => {
    const hundred = Array.from({ length: 100 }, (_, i) =>
      placed({ feature: `f${i}`, pValue: i === 0 ? 0.005 : 0.5 + i / 250 }),
    );
    const [one] = judge(hundred, frame());
    expect(one).toMatchObject({ severity: 'ok', pValue: 0.005, adjustedPValue: 0.5 });
    expect(one!.reason).toBe(
      'PSI of age is 0.3; at or above the critical bound 0.25, but it may be chance, adjusted p 0.5.',
    );
    expect(judge([hundred[0]!], frame())[0]).toMatchObject({ severity: 'critical', adjustedPValue: 0.005 });
  });

  it('takes the level that the budget gives, unless the monitor declares one', () => {
    const at = (declaration: object) => judge([placed({ pValue: 0.02 })], { ...frame(declaration), alpha: 0.03 })[0]!;
    expect(at({ detector: 'feature_drift' })).toMatchObject({ severity: 'critical', alpha: 0.03 });
    expect(at({ detector: 'feature_drift', alpha: 0.001 })).toMatchObject({ severity: 'ok', alpha: 0.001 });
  });

  it('counts in the family only what decides and was measured', () => {
    const others = [
      placed({ feature: 'recorded', threshold: undefined, pValue: 0.9 }),
      placed({ feature: 'short', state: 'insufficient', pValue: 0.9 }),
      placed({ feature: 'broken', state: 'error', pValue: 0.9 }),
    ];
    const judged = judge([placed({ pValue: 0.009 }), ...others], frame());
    expect(judged.map(({ adjustedPValue }) => adjustedPValue)).toEqual([0.009, NaN, NaN, NaN]);
    expect(judged.map(({ decides }) => decides)).toEqual([true, false, true, true]);
  });

  it('can correct by Bonferroni', () => {
    const declaration = { detector: 'feature_drift', family: 'bonferroni' };
    const judged = judge(
      [placed({ pValue: 0.004 }), placed({ pValue: 0.005 }), placed({ pValue: 0.25 })],
      frame(declaration),
    );
    expect(judged.map(({ adjustedPValue }) => adjustedPValue)).toEqual([0.012, 0.015, 0.75]);
    expect(judged.every(({ severity }) => severity === 'ok')).toBe(true);
  });

  it('writes down everything needed to recompute the verdict', () => {
    const [measurement] = judge(
      [
        placed({
          ...{ dataStartMs: 70, referenceId: 'ref', nCurrent: 7, nReference: 9, nMissing: 1 },
          ...{ coverage: 0.5, lagP50Ms: 3, lagP95Ms: 4, finalFromMs: 5 },
        }),
      ],
      frame(),
    );
    expect(measurement).toEqual({
      project: 'p',
      model: 'm',
      monitor: 'feature-drift',
      version: '1',
      segment: '',
      feature: 'age',
      method: 'psi.decile',
      windowStartMs: 90,
      windowEndMs: 100,
      dataStartMs: 70,
      revision: 2,
      value: 0.3,
      effect: 0.3,
      errorBound: NaN,
      pValue: 1e-9,
      adjustedPValue: 1e-9,
      alpha: 0.01,
      nReference: 9,
      nCurrent: 7,
      nMissing: 1,
      thresholdWarning: 0.1,
      thresholdCritical: 0.25,
      lower: NaN,
      upper: NaN,
      coverage: 0.5,
      lagP50Ms: 3,
      lagP95Ms: 4,
      finalFromMs: 5,
      referenceId: 'ref',
      severity: 'critical',
      decides: true,
      reason: 'PSI of age is 0.3; at or above the critical bound 0.25, adjusted p 1e-9; over 3 windows.',
      evaluatedAtMs: 123,
    });
  });

  it('has nothing to say about nothing', () => {
    expect(judge([], frame())).toEqual([]);
  });
});
