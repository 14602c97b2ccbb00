import { type RetrainingPolicy, retrainingPolicyDeclarationSchema, type RetrainingRun } from '@plumbline/contracts';
import type { ModelSituation, OpenAlert } from './evaluate-condition.js';
import { requestRetraining } from './request-retraining.js';

const NOW_MS = Date.UTC(2026, 0, 10);
const DAY_MS = 86_400_000;

const policyOf = (values: object = {}, policy = 'default'): RetrainingPolicy => ({
  project: 'p',
  model: 'm',
  policy,
  declaration: retrainingPolicyDeclarationSchema.parse({
    when: { alerts: {} },
    target: { url: 'https://pipeline.example/run' },
    ...values,
  }),
  updatedAtMs: 0,
});

const alertOf = (alertId: string, values: Partial<OpenAlert> = {}): OpenAlert => ({
  alertId,
  monitor: 'feature-drift',
  detector: 'feature_drift',
  version: '1',
  feature: 'age',
  method: 'psi.decile',
  severity: 'warning',
  firedAtMs: NOW_MS - DAY_MS,
  windows: 1,
  ...values,
});

const situationOf = (alerts: readonly OpenAlert[], values: Partial<ModelSituation> = {}): ModelSituation => ({
  alerts,
  importance: new Map(),
  labelCoverage: undefined,
  ...values,
});

/** The run that is asked for; undefined when none is. */
function asked(
  policy: RetrainingPolicy,
  alerts: readonly OpenAlert[],
  previousRuns: readonly RetrainingRun[],
  nowMs: number,
): RetrainingRun | undefined {
  const decision = requestRetraining(policy, situationOf(alerts), '1', previousRuns, nowMs);
  return decision.asks ? decision.run : undefined;
}

/** Why no run is asked for; "" when one is. */
function because(
  policy: RetrainingPolicy,
  alerts: readonly OpenAlert[],
  previousRuns: readonly RetrainingRun[],
  nowMs: number,
): string {
  const decision = requestRetraining(policy, situationOf(alerts), '1', previousRuns, nowMs);
  return decision.asks ? '' : decision.because;
}

const runOf = (values: Partial<RetrainingRun>): RetrainingRun => ({
  ...asked(policyOf(), [alertOf('other')], [], NOW_MS)!,
  ...values,
});

describe('requestRetraining', () => {
  it('asks for a run that names its alerts and features, earliest first', () => {
    const alerts = [
      alertOf('b', { feature: 'fee', severity: 'critical' }),
      alertOf('a', { firedAtMs: NOW_MS - 2 * DAY_MS, version: '7' }),
      alertOf('c', { monitor: 'performance', detector: 'performance', feature: '', method: 'accuracy' }),
    ];
    expect(asked(policyOf(), alerts, [], NOW_MS)).toEqual({
      runId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      project: 'p',
      model: 'm',
      version: '7',
      policy: 'default',
      alertIds: ['a', 'b', 'c'],
      features: ['age', 'fee'],
      status: 'requested',
      reason:
        '3 alerts are firing: feature-drift on age (warning), feature-drift on fee (critical), performance on accuracy (warning).',
      scheduledForMs: 0,
      newVersion: '',
      externalId: '',
      externalUrl: '',
      detail: '',
      requestedAtMs: NOW_MS,
      updatedAtMs: NOW_MS,
    });
  });

  it.each([
    ['nothing fires', {}, [], false],
    ['a disabled policy', { enabled: false }, [alertOf('a')], false],
    ['data quality is no reason to retrain', {}, [alertOf('a', { detector: 'data_quality' })], false],
    [
      '… unless the policy names the monitor',
      { when: { alerts: { monitors: ['feature-drift'] } } },
      [alertOf('a', { detector: 'data_quality' })],
      true,
    ],
    ['a monitor the policy does not name', { when: { alerts: { monitors: ['performance'] } } }, [alertOf('a')], false],
    ['a monitor that is gone', {}, [alertOf('a', { detector: undefined })], false],
    ['a feature the policy does not name', { when: { alerts: { features: ['fee'] } } }, [alertOf('a')], false],
    ['a feature it names', { when: { alerts: { features: ['age'] } } }, [alertOf('a')], true],
    ['a warning where only critical counts', { when: { alerts: { severity: 'critical' } } }, [alertOf('a')], false],
    ['critical where a warning would do', {}, [alertOf('a', { severity: 'critical' })], true],
    ['silence is no reason to retrain', {}, [alertOf('a', { severity: 'no_data' })], false],
    ['too few together', { when: { alerts: { at_least: 2 } } }, [alertOf('a')], false],
    ['enough together', { when: { alerts: { at_least: 2 } } }, [alertOf('a'), alertOf('b')], true],
  ])('%s', (_, declaration, alerts, asks) => {
    expect(asked(policyOf(declaration), alerts, [], NOW_MS) !== undefined).toBe(asks);
  });

  it('asks for the same run when it decides twice', () => {
    const first = asked(policyOf(), [alertOf('a'), alertOf('b')], [], NOW_MS)!;
    const second = asked(policyOf(), [alertOf('b'), alertOf('a')], [], NOW_MS + 1)!;
    expect(second.runId).toBe(first.runId);
    expect(asked(policyOf({}, 'another'), [alertOf('a')], [], NOW_MS)!.runId).not.toBe(first.runId);
  });

  it.each([
    ['the same episode, however long ago', { alertIds: ['a'], requestedAtMs: 0 }, {}, false],
    ['the same episode, though its first alert is over', { alertIds: ['gone', 'a'], requestedAtMs: 0 }, {}, false],
    ['the same alerts under another policy', { policy: 'another', alertIds: ['a'], requestedAtMs: 0 }, {}, true],
    ['another episode within the cool-down', { requestedAtMs: NOW_MS - 7 * DAY_MS + 1 }, {}, false],
    ['another episode after the cool-down', { requestedAtMs: NOW_MS - 7 * DAY_MS }, {}, true],
    ['within a cool-down of its own', { requestedAtMs: NOW_MS - DAY_MS }, { cool_down: '1h' }, true],
    ['another policy of the model within the cool-down', { policy: 'another', requestedAtMs: NOW_MS - 1 }, {}, false],
    [
      'a dry run keeps nobody from being called',
      { policy: 'dry', status: 'dry_run', requestedAtMs: NOW_MS - 1 },
      {},
      true,
    ],
    ['a run that was cancelled before its call', { status: 'cancelled', requestedAtMs: NOW_MS - 1 }, {}, true],
    ['one that was cancelled for the same episode', { status: 'cancelled', alertIds: ['a'] }, {}, true],
    ['a refusal binds the policy that was refused', { status: 'refused', requestedAtMs: NOW_MS - 1 }, {}, false],
    ['and no other', { status: 'refused', policy: 'another', requestedAtMs: NOW_MS - 1 }, {}, true],
    [
      'a refusal for the same episode, however long ago',
      { status: 'refused', alertIds: ['a'], requestedAtMs: 0 },
      {},
      false,
    ],
    ['but another dry run', { policy: 'dry', status: 'dry_run', requestedAtMs: NOW_MS - 1 }, { dry_run: true }, false],
  ] as const)('after %s', (_, previous, declaration, asks) => {
    expect(asked(policyOf(declaration), [alertOf('a')], [runOf(previous)], NOW_MS) !== undefined).toBe(asks);
  });

  it('asks anew under another id after a cancellation, and for the same run when it decides twice', () => {
    const first = asked(policyOf(), [alertOf('a')], [], NOW_MS)!;
    const cancelled: RetrainingRun = { ...first, status: 'cancelled' };
    const second = asked(policyOf(), [alertOf('a')], [cancelled], NOW_MS)!;
    expect(second.runId).not.toBe(first.runId);
    expect(asked(policyOf(), [alertOf('a')], [cancelled], NOW_MS + 1)!.runId).toBe(second.runId);
    expect(asked(policyOf(), [alertOf('a')], [second, cancelled], NOW_MS + 1)).toBeUndefined();
  });

  it('marks a dry run', () => {
    expect(asked(policyOf({ dry_run: true }), [alertOf('a')], [], NOW_MS)!.status).toBe('dry_run');
  });

  describe('without a condition of its own', () => {
    const plain = policyOf({ when: undefined });
    const drift = (windows: number, feature = 'age') => alertOf('a', { windows, feature });
    const important = {
      importance: new Map([
        ['age', 0.1],
        ['fee', 0.05],
      ]),
    };
    it.each([
      ['performance at once', [alertOf('a', { detector: 'performance' })], {}, true],
      ['drift of one window', [drift(1)], {}, false],
      ['drift of three windows', [drift(3)], {}, true],
      ['drift of an important feature', [drift(3)], important, true],
      ['drift of an unimportant one', [drift(3, 'fee')], important, false],
      ['drift of one whose importance is unknown where others have one', [drift(3, 'zip')], important, false],
    ])('%s', (_, alerts, values, asks) => {
      expect(requestRetraining(plain, situationOf(alerts, values), '1', [], NOW_MS).asks).toBe(asks);
    });
  });

  describe('budget of a month', () => {
    const policy = policyOf({ monthly_budget: 2, cool_down: '1s' });
    const inMonth = (day: number, values: Partial<RetrainingRun> = {}) =>
      runOf({ alertIds: [`of ${day}`], requestedAtMs: Date.UTC(2026, 0, day), ...values });
    it.each([
      ['one call', [inMonth(1)], true],
      ['two calls', [inMonth(1), inMonth(2)], false],
      ['one that is waited for', [inMonth(1), inMonth(2, { status: 'awaiting_approval' })], false],
      [
        'refused and cancelled ones, for which nobody was called',
        [inMonth(1), inMonth(2, { status: 'refused' }), inMonth(3, { status: 'cancelled' })],
        true,
      ],
      ['those of the month before', [inMonth(0), inMonth(-1), inMonth(1)], true],
      ['those of another policy', [inMonth(1, { policy: 'other' }), inMonth(2, { policy: 'other' })], true],
    ])('counts %s', (_, runs, asks) => {
      expect(asked(policy, [alertOf('a')], runs, NOW_MS) !== undefined).toBe(asks);
    });

    it('says which month is used up', () => {
      const runs = [inMonth(1), inMonth(2)];
      expect(because(policy, [alertOf('a')], runs, NOW_MS)).toBe('The budget of 2 in 2026-01 is used.');
      expect(asked(policy, [alertOf('a')], runs, Date.UTC(2026, 1, 1))).toBeDefined();
    });
  });

  describe('with a schedule', () => {
    const policy = { ...policyOf({ when: undefined, schedule: { every: '1d' } }), updatedAtMs: NOW_MS - 1 };
    it('asks once for each of its times, about the newest version', () => {
      const run = asked(policy, [], [], NOW_MS + 5)!;
      expect(run).toMatchObject({
        version: '1',
        alertIds: [],
        scheduledForMs: NOW_MS,
        reason: 'The schedule of the policy is due (2026-01-10T00:00:00.000Z).',
      });
      expect(asked(policy, [], [], NOW_MS + 500)!.runId).toBe(run.runId);
      expect(asked(policy, [], [run], NOW_MS + 500)).toBeUndefined();
      expect(asked(policy, [], [run], NOW_MS + 7 * DAY_MS + 5)!.runId).not.toBe(run.runId);
    });

    it('does not ask for what was due before it was declared', () => {
      expect(because({ ...policy, updatedAtMs: NOW_MS }, [], [], NOW_MS + 5)).toBe('Its schedule is not due.');
    });

    it('asks for no alerts, unless it has a condition too', () => {
      const later = { ...policy, updatedAtMs: NOW_MS };
      expect(asked(later, [alertOf('a', { detector: 'performance' })], [], NOW_MS + 5)).toBeUndefined();
      const both = { ...policyOf({ schedule: { every: '1d' } }), updatedAtMs: NOW_MS };
      expect(asked(both, [alertOf('a')], [], NOW_MS + 5)!.alertIds).toEqual(['a']);
    });
  });

  it('says why it asks for nothing', () => {
    expect(because(policyOf({ enabled: false }), [], [], NOW_MS)).toBe('The policy is disabled.');
    expect(because(policyOf(), [], [], NOW_MS)).toBe('Its condition does not hold: no alert that counts is firing.');
    expect(because(policyOf(), [alertOf('a')], [runOf({ alertIds: ['a'] })], NOW_MS)).toBe(
      'A run was requested for these alerts before.',
    );
    expect(because(policyOf(), [alertOf('a')], [runOf({ runId: 'r', alertIds: ['b'] })], NOW_MS)).toBe(
      'The model is cooling down until 2026-01-17T00:00:00.000Z: run r was requested by default.',
    );
  });
});
