import { type AlertState, type Measurement, type Severity, type Transition, withoutLabels } from '@plumbline/contracts';
import { correctTold } from './correct-told.js';
import { initialAlertState } from './initial-alert-state.js';
import { transitionOf } from './transition-of.js';

const measurement: Measurement = {
  ...{ project: 'p', model: 'm', monitor: 'performance', version: '1', segment: '', feature: '', method: 'accuracy' },
  ...{ windowStartMs: 90, windowEndMs: 100, dataStartMs: 90, revision: 1, value: 0.8, effect: 0.3, errorBound: 0 },
  ...{ pValue: 0, adjustedPValue: 0, alpha: 0.01, nReference: 1, nCurrent: 1, nMissing: 0 },
  ...{ thresholdWarning: 0.1, thresholdCritical: 0.25, lower: NaN, upper: NaN, ...withoutLabels, referenceId: 'r' },
  ...{ severity: 'critical', decides: true, reason: 'Accuracy fell.', evaluatedAtMs: 500 },
};
const cause = { windowEndMs: 100, revision: 1, decidedAtMs: 500 };
const firing = (alertId: string, severity: Severity = 'warning'): AlertState => ({
  ...initialAlertState,
  status: 'firing',
  severity,
  alertId,
});
const raised = (alertId: string): Transition => transitionOf(measurement, initialAlertState, firing(alertId), cause);
const resolved = (alertId: string): Transition =>
  transitionOf(measurement, firing(alertId), { ...initialAlertState, alertId }, cause);
const told = (...ids: string[]) => ids.map((alertId) => ({ alertId, severity: 'warning' as const }));

describe('correctTold', () => {
  it.each<[string, AlertState, string[], Transition[], string[]]>([
    ['nothing where nothing was told and nothing is open', initialAlertState, [], [], []],
    ['nothing where the open alert was told', firing('a'), ['a'], [], []],
    ['nothing where news tell of it', firing('a'), [], [raised('a')], []],
    ['nothing where news end it', initialAlertState, ['a'], [resolved('a')], []],
    ['the end of an alert that nobody knows of', initialAlertState, ['a'], [], ['a:firing>inactive']],
    ['the alert that is open and was told to be over', firing('a'), [], [], ['a:inactive>firing']],
    ['both where another one is open', firing('b'), ['a'], [], ['a:firing>inactive', 'b:inactive>firing']],
    [
      'an alert that recovers as one that fires',
      { ...firing('a'), status: 'recovering' },
      [],
      [],
      ['a:inactive>firing'],
    ],
  ])('tells %s', (_, known, open, news, expected) => {
    const corrections = correctTold(measurement, known, told(...open), news, cause);
    expect(corrections.map(({ alertId, from, to }) => `${alertId}:${from}>${to}`)).toEqual(expected);
    for (const { reason, decidedAtMs } of corrections) {
      expect(reason).toMatch(/^In retrospect, since /);
      expect(decidedAtMs).toBe(500);
    }
  });
});
