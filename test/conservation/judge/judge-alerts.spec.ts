import {
  type AlertState,
  isOpen,
  type Measurement,
  type Monitor,
  type Severity,
  withoutLabels,
} from '@plumbline/contracts';
import { fold } from '@plumbline/monitoring';
import { compareAlerts, type Verdicts } from './judge-alerts.js';

const HOUR_MS = 3_600_000;
const SERIES = 'watched-a/drift/1//income/psi';
const MEASUREMENTS = 'every window was measured as in a run without faults';
const STATES = 'alert states are those of the pure state machine';
const EPISODES = 'alert episodes are those of the pure state machine';

const policy = { for: 1, keep_firing_for: 0, exit_ratio: 0.8, no_data: 'keep', error: 'keep' } as const;
const SEVERITIES: Record<string, Severity> = { o: 'ok', w: 'warning', c: 'critical' };

const measured = (index: number, severity: Severity): Measurement => ({
  ...{ project: 'default', model: 'watched-a', monitor: 'drift', version: '1', segment: '', feature: 'income' },
  ...{ method: 'psi', windowStartMs: index * HOUR_MS, windowEndMs: (index + 1) * HOUR_MS, dataStartMs: 0, revision: 0 },
  ...{ value: 0.8, effect: severity === 'ok' ? 0 : 0.3, errorBound: 0, pValue: 0, adjustedPValue: 0, alpha: 0.01 },
  ...{ nReference: 100, nCurrent: 50, nMissing: 2, thresholdWarning: 0.1, thresholdCritical: 0.25 },
  ...{
    lower: NaN,
    upper: NaN,
    ...withoutLabels,
    referenceId: 'r',
    severity,
    decides: true,
    reason: '',
    evaluatedAtMs: 1,
  },
});

/** What a run over windows of these severities comes to, and which alerts it raises. */
function run(history: string): Verdicts & { readonly alerts: Map<string, boolean> } {
  const list = [...history].map((letter, index) => measured(index, SEVERITIES[letter]!));
  const { states } = fold(
    undefined,
    list.map((measurement) => ({ measurement, policy })),
    { windowEndMs: 0, revision: 0, decidedAtMs: 0 },
  );
  const key = ({ windowEndMs }: Measurement): string => `${SERIES}/${windowEndMs}`;
  const alerts = new Map<string, boolean>();
  for (const { alertId } of states as AlertState[]) if (alertId !== '') alerts.set(alertId, false);
  const last = states.at(-1)!;
  if (isOpen(last.status)) alerts.set(last.alertId, true);
  return {
    measurements: new Map(list.map((each) => [key(each), each])),
    states: new Map(list.map((each, i) => [key(each), states[i]!])),
    // As much of a monitor as the judge looks at.
    monitors: new Map([['watched-a/drift', { declaration: policy } as unknown as Monitor]]),
    alerts,
  };
}

function failed(found: ReturnType<typeof run>, undisturbed = run('owwoocc')): Record<string, number> {
  const problems: Record<string, number> = {};
  compareAlerts(undisturbed, found, found.alerts, {
    check: (name, each) => {
      if (each.length > 0) problems[name] = each.length;
    },
  });
  return problems;
}
const lastKey = `${SERIES}/${7 * HOUR_MS}`;

describe('compareAlerts', () => {
  it('finds nothing wrong with the same, floats summed in another order, and an alert that was raised early and taken back', () => {
    const found = run('owwoocc');
    const [key, first] = [...found.measurements][0]!;
    const measurements = new Map(found.measurements).set(key, { ...first, value: first.value + 1e-15 });
    expect(failed({ ...found, measurements, alerts: new Map(found.alerts).set('early', false) })).toEqual({});
    expect(found.alerts.size).toBe(2);
  });

  it.each<[string, (found: Measurement) => Partial<Measurement>]>([
    ['severity', () => ({ severity: 'ok' })],
    ['value', ({ value }) => ({ value: value + 0.001 })],
    ['effect that is no number', () => ({ effect: NaN })],
    ['number of predictions', ({ nCurrent }) => ({ nCurrent: nCurrent + 1 })],
    ['number of missing values', ({ nMissing }) => ({ nMissing: nMissing - 1 })],
    ['decision whether it decides', () => ({ decides: false })],
  ])('finds another %s', (_name, change) => {
    const found = run('owwoocc');
    const measurement = found.measurements.get(lastKey)!;
    const measurements = new Map(found.measurements).set(lastKey, { ...measurement, ...change(measurement) });
    expect(failed({ ...found, measurements })).toEqual({ [MEASUREMENTS]: 1 });
  });

  it('finds a window that was not measured, and a state that is missing or another', () => {
    const found = run('owwoocc');
    const without = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([key]) => key !== lastKey));
    expect(failed({ ...found, measurements: without(found.measurements) })).toEqual({ [MEASUREMENTS]: 1 });
    expect(failed({ ...found, states: without(found.states) })).toEqual({ [STATES]: 1 });
    const state = found.states.get(lastKey)!;
    const states = new Map(found.states).set(lastKey, { ...state, status: 'inactive' });
    expect(failed({ ...found, states })).toEqual({ [STATES]: 1 });
  });

  it('finds an alert that was never raised, is open for too long, or was closed too early', () => {
    const found = run('owwoocc');
    const [resolved, firing] = [...found.alerts.keys()] as [string, string];
    expect(failed({ ...found, alerts: new Map([[firing, true]]) })).toEqual({ [EPISODES]: 1 });
    expect(failed({ ...found, alerts: new Map(found.alerts).set(resolved, true) })).toEqual({ [EPISODES]: 1 });
    expect(failed({ ...found, alerts: new Map(found.alerts).set(firing, false) })).toEqual({ [EPISODES]: 1 });
    expect(failed({ ...found, alerts: new Map(found.alerts).set('stranger', true) })).toEqual({ [EPISODES]: 1 });
  });
});
