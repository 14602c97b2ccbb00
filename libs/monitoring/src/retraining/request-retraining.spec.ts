import { type RetrainingPolicy, retrainingPolicyDeclarationSchema, type RetrainingRun } from '@plumbline/contracts';
import { type OpenAlert, requestRetraining } from './request-retraining.js';

const NOW_MS = Date.UTC(2026, 0, 10);
const DAY_MS = 86_400_000;

const policyOf = (values: object = {}, policy = 'default'): RetrainingPolicy => ({
  project: 'p',
  model: 'm',
  policy,
  declaration: retrainingPolicyDeclarationSchema.parse({ target: { url: 'https://pipeline.example/run' }, ...values }),
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
  ...values,
});

const runOf = (values: Partial<RetrainingRun>): RetrainingRun => ({
  ...requestRetraining(policyOf(), [alertOf('other')], [], NOW_MS)!,
  ...values,
});

describe('requestRetraining', () => {
  it('asks for a run that names its alerts and features, earliest first', () => {
    const alerts = [
      alertOf('b', { feature: 'fee', severity: 'critical' }),
      alertOf('a', { firedAtMs: NOW_MS - 2 * DAY_MS, version: '7' }),
      alertOf('c', { monitor: 'performance', detector: 'performance', feature: '', method: 'accuracy' }),
    ];
    expect(requestRetraining(policyOf(), alerts, [], NOW_MS)).toEqual({
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
      newVersion: '',
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
      { monitors: ['feature-drift'] },
      [alertOf('a', { detector: 'data_quality' })],
      true,
    ],
    ['a monitor the policy does not name', { monitors: ['performance'] }, [alertOf('a')], false],
    ['a monitor that is gone', {}, [alertOf('a', { detector: undefined })], false],
    ['a feature the policy does not name', { features: ['fee'] }, [alertOf('a')], false],
    ['a feature it names', { features: ['age'] }, [alertOf('a')], true],
    ['a warning where only critical counts', { severity: 'critical' }, [alertOf('a')], false],
    ['critical where a warning would do', {}, [alertOf('a', { severity: 'critical' })], true],
    ['silence is no reason to retrain', {}, [alertOf('a', { severity: 'no_data' })], false],
    ['too few together', { min_alerts: 2 }, [alertOf('a')], false],
    ['enough together', { min_alerts: 2 }, [alertOf('a'), alertOf('b')], true],
  ])('%s', (_, declaration, alerts, asks) => {
    expect(requestRetraining(policyOf(declaration), alerts, [], NOW_MS) !== undefined).toBe(asks);
  });

  it('asks for the same run when it decides twice', () => {
    const first = requestRetraining(policyOf(), [alertOf('a'), alertOf('b')], [], NOW_MS)!;
    const second = requestRetraining(policyOf(), [alertOf('b'), alertOf('a')], [], NOW_MS + 1)!;
    expect(second.runId).toBe(first.runId);
    expect(requestRetraining(policyOf({}, 'another'), [alertOf('a')], [], NOW_MS)!.runId).not.toBe(first.runId);
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
    ['but another dry run', { policy: 'dry', status: 'dry_run', requestedAtMs: NOW_MS - 1 }, { dry_run: true }, false],
  ] as const)('after %s', (_, previous, declaration, asks) => {
    const asked = requestRetraining(policyOf(declaration), [alertOf('a')], [runOf(previous)], NOW_MS);
    expect(asked !== undefined).toBe(asks);
  });

  it('asks anew under another id after a cancellation, and for the same run when it decides twice', () => {
    const first = requestRetraining(policyOf(), [alertOf('a')], [], NOW_MS)!;
    const cancelled: RetrainingRun = { ...first, status: 'cancelled' };
    const second = requestRetraining(policyOf(), [alertOf('a')], [cancelled], NOW_MS)!;
    expect(second.runId).not.toBe(first.runId);
    expect(requestRetraining(policyOf(), [alertOf('a')], [cancelled], NOW_MS + 1)!.runId).toBe(second.runId);
    expect(requestRetraining(policyOf(), [alertOf('a')], [second, cancelled], NOW_MS + 1)).toBeUndefined();
  });

  it('marks a dry run', () => {
    expect(requestRetraining(policyOf({ dry_run: true }), [alertOf('a')], [], NOW_MS)!.status).toBe('dry_run');
  });
});
