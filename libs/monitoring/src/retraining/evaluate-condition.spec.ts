import { retrainingConditionSchema } from '@plumbline/contracts';
import { evaluateCondition, type ModelSituation, type OpenAlert } from './evaluate-condition.js';

const NOW_MS = Date.UTC(2026, 0, 10);
const HOUR_MS = 3_600_000;

const alertOf = (alertId: string, values: Partial<OpenAlert> = {}): OpenAlert => ({
  alertId,
  monitor: 'feature-drift',
  detector: 'feature_drift',
  version: '1',
  feature: alertId,
  method: 'psi.decile',
  severity: 'warning',
  firedAtMs: NOW_MS - 10 * HOUR_MS,
  windows: 10,
  ...values,
});
const old = alertOf('old', { firedAtMs: NOW_MS - 20 * HOUR_MS, windows: 20 });
const young = alertOf('young', { firedAtMs: NOW_MS - HOUR_MS, windows: 1 });
const accuracy = alertOf('accuracy', {
  detector: 'performance',
  monitor: 'performance',
  feature: '',
  severity: 'critical',
});

const evaluated = (condition: object, alerts: readonly OpenAlert[], values: Partial<ModelSituation> = {}) =>
  evaluateCondition(
    retrainingConditionSchema.parse(condition),
    { alerts, importance: new Map(), labelCoverage: undefined, ...values },
    NOW_MS,
  );

describe('evaluateCondition', () => {
  const drift = { alerts: { detectors: ['feature_drift'] } };
  const worse = { alerts: { detectors: ['performance'] } };
  it.each<[string, object, OpenAlert[], Partial<ModelSituation>, boolean]>([
    ['one of two that must both hold', { all: [drift, worse] }, [old], {}, false],
    ['both of them', { all: [drift, worse] }, [old, accuracy], {}, true],
    ['one of two of which one must hold', { any: [drift, worse] }, [accuracy], {}, true],
    ['neither', { any: [drift, worse] }, [], {}, false],
    [
      'one in the other',
      { any: [worse, { all: [drift, { label_coverage: 0.5 }] }] },
      [old],
      { labelCoverage: 0.5 },
      true,
    ],
    ['labels that are too few', { all: [drift, { label_coverage: 0.5 }] }, [old], { labelCoverage: 0.4 }, false],
    ['labels of which nobody knows', { all: [drift, { label_coverage: 0 }] }, [old], {}, false],
    ['labels, and no alert', { label_coverage: 0.5 }, [], { labelCoverage: 1 }, true],
    ['windows enough', { ...drift, for: 20 }, [old], {}, true],
    ['a window too few', { ...drift, for: 21 }, [old], {}, false],
    ['time enough', { ...drift, for: '20h' }, [old], {}, true],
    ['an hour too little', { ...drift, for: '21h' }, [old], {}, false],
    ['the second of two is what counts', { alerts: { at_least: 2 }, for: 2 }, [old, young], {}, false],
    ['two of three that have held', { alerts: { at_least: 2 }, for: 10 }, [old, young, alertOf('b')], {}, true],
    ['all of it as long as the youngest', { all: [drift, worse], for: 10 }, [old, accuracy], {}, true],
    ['but no longer', { all: [drift, worse], for: 11 }, [old, accuracy], {}, false],
    ['any of it as long as the oldest', { any: [drift, worse], for: 20 }, [old, accuracy], {}, true],
    ['labels last for ever', { all: [drift, { label_coverage: 0.5 }], for: '20h' }, [old], { labelCoverage: 1 }, true],
    ['part of it has its own time', { any: [{ ...drift, for: 30 }, worse] }, [old, accuracy], {}, true],
    ['a feature that matters', { alerts: { importance: 0.2 } }, [old], { importance: new Map([['old', 0.2]]) }, true],
    ['one that does not', { alerts: { importance: 0.2 } }, [old], { importance: new Map([['old', 0.1]]) }, false],
    [
      'the whole model has no importance',
      { alerts: { importance: 0.2 } },
      [accuracy],
      { importance: new Map([['old', 1]]) },
      false,
    ],
  ])('%s', (_, condition, alerts, values, holds) => {
    expect(evaluated(condition, alerts, values).holds).toBe(holds);
  });

  it('names the alerts that make it hold, oldest first and each once, and what it lacks', () => {
    const both = evaluated({ any: [drift, { alerts: {} }] }, [young, old, accuracy]);
    expect(both.alerts.map(({ alertId }) => alertId)).toEqual(['old', 'accuracy', 'young']);
    expect(both.finding).toBe('2 alerts are firing and 3 alerts are firing');
    expect(evaluated({ ...drift, for: 30 }, [old]).finding).toBe('1 alert is firing, for 20 windows of 30');
    expect(evaluated({ alerts: { at_least: 3 } }, [old]).finding).toBe('1 alert is firing of 3');
    expect(evaluated({ all: [worse, { label_coverage: 0.5 }] }, [], { labelCoverage: 0.25 }).finding).toBe(
      'no alert that counts is firing and label coverage is 25 % (at least 50 % is asked for)',
    );
  });
});

describe('retrainingConditionSchema', () => {
  it.each([
    ['nothing', {}, '', 'exactly one of any, all, alerts, label_coverage'],
    ['two things', { alerts: {}, label_coverage: 1 }, '', 'exactly one of'],
    ['nesting that says nothing more', { any: [{ all: [{ any: [] }] }] }, 'any.0.all.0', 'Unrecognized key: "any"'],
    ['a time that is none', { alerts: {}, for: 'long' }, 'for', 'must be a whole number and a unit'],
    ['no time', { alerts: {}, for: null }, 'for', 'a number of windows, as in 3, or a duration'],
    ['a detector that is none', { alerts: { detectors: ['x'] } }, 'alerts.detectors.0', 'expected one of'],
  ])('refuses %s and names the field', (_, condition, field, message) => {
    const issue = retrainingConditionSchema.safeParse(condition).error!.issues[0]!;
    expect(issue.path.join('.')).toBe(field);
    expect(issue.message).toContain(message);
  });
});
