import {
  alertStatusSchema,
  type AlertState,
  type Measurement,
  type Severity,
  withoutLabels,
} from '@plumbline/contracts';
import fc from 'fast-check';
import type { AlertPolicy } from './alert-policy.js';
import { decide } from './decide.js';
import { initialAlertState } from './initial-alert-state.js';

const policyOf = (values: Partial<AlertPolicy> = {}): AlertPolicy => ({
  for: 1,
  keep_firing_for: 0,
  exit_ratio: 0.8,
  no_data: 'keep',
  error: 'keep',
  ...values,
});

/** Window number i is [10i, 10i + 10). */
const measured = (index: number, severity: Severity, values: Partial<Measurement> = {}): Measurement => ({
  project: 'p',
  model: 'm',
  monitor: 'feature-drift',
  version: '1',
  segment: '',
  feature: 'age',
  method: 'psi.decile',
  windowStartMs: index * 10,
  windowEndMs: index * 10 + 10,
  dataStartMs: index * 10,
  revision: 0,
  value: 0.3,
  effect: severity === 'ok' ? 0 : 0.3,
  errorBound: 0,
  pValue: 0,
  adjustedPValue: 0.001,
  alpha: 0.01,
  nReference: 1,
  nCurrent: 1,
  nMissing: 0,
  thresholdWarning: 0.1,
  thresholdCritical: 0.25,
  lower: NaN,
  upper: NaN,
  ...withoutLabels,
  referenceId: 'ref',
  severity,
  decides: true,
  reason: 'It drifted.',
  evaluatedAtMs: 999,
  ...values,
});

/** One letter per window. */
const letters: Record<string, (index: number) => Measurement> = {
  w: (index) => measured(index, 'warning'),
  c: (index) => measured(index, 'critical'),
  o: (index) => measured(index, 'ok'),
  /** Below the threshold, above the exit threshold of 0.08. */
  b: (index) => measured(index, 'ok', { effect: 0.09 }),
  n: (index) => measured(index, 'no_data', { effect: NaN }),
  e: (index) => measured(index, 'error', { effect: NaN }),
  i: (index) => measured(index, 'insufficient_data', { effect: NaN }),
};

function run(
  windows: string,
  policy: Partial<AlertPolicy> = {},
): { statuses: string; last: AlertState; told: string[] } {
  let state: AlertState | undefined;
  const statuses: string[] = [];
  const told: string[] = [];
  for (const [index, letter] of [...windows].entries()) {
    const { next, transition } = decide(state, letters[letter]!(index), policyOf(policy));
    statuses.push({ inactive: '-', pending: 'p', firing: 'F', recovering: 'r', no_data: 'n', error: 'e' }[next.status]);
    if (transition !== undefined) told.push(`${transition.from}>${transition.to}`);
    state = next;
  }
  return { statuses: statuses.join(''), last: state!, told };
}

describe('decide', () => {
  it.each([
    ['fires at once', 'owo', {}, '-F-'],
    ['for: waits for windows in a row', 'wowwo', { for: 2 }, 'p-pF-'],
    ['for: a warning and a critical window count alike', 'wc', { for: 2 }, 'pF'],
    ['for: what is between is no breach', 'wbw', { for: 2 }, 'p-p'],
    ['keep_firing_for: recovers first', 'wooo', { keep_firing_for: 2 }, 'Frr-'],
    ['keep_firing_for: a relapse starts the count anew', 'wowoo', { keep_firing_for: 1 }, 'FrFr-'],
    ['hysteresis: between enter and exit it goes on firing', 'wbbo', {}, 'FFF-'],
    ['hysteresis: between is no recovery', 'wobo', { keep_firing_for: 1 }, 'FrFr'],
    ['no hysteresis when the exit is the enter threshold', 'wb', { exit_ratio: 1 }, 'F-'],
    ['insufficient data never changes a state', 'iwiioi', { for: 1, keep_firing_for: 1 }, '-FFFrr'],
    ['insufficient data does not break a row', 'wiw', { for: 2 }, 'ppF'],
    ['no data, keep: shows, and keeps an alert', 'nwno', {}, 'nFF-'],
    ['no data, keep: does not break a row', 'wnw', { for: 2 }, 'ppF'],
    ['no data, keep: insufficient data leaves it', 'ni', {}, 'nn'],
    ['no data, ok: resolves', 'wn', { no_data: 'ok' }, 'F-'],
    ['no data, alert: fires', 'nno', { no_data: 'alert', for: 2 }, 'pF-'],
    ['error, keep: shows, and keeps an alert', 'eweo', {}, 'eFF-'],
    ['error, ok: resolves', 'we', { error: 'ok' }, 'F-'],
    ['error, alert: fires', 'e', { error: 'alert' }, 'F'],
    ['from no data to error and back to normal', 'neo', {}, 'ne-'],
    ['from no data it fires as from normal', 'nw', {}, 'nF'],
  ])('%s', (_, windows, policy, statuses) => {
    expect(run(windows, policy as Partial<AlertPolicy>).statuses).toBe(statuses);
  });

  it('tells each change once, the severity of a firing alert included', () => {
    expect(run('owwcwo', { for: 2, keep_firing_for: 0 }).told).toEqual([
      'inactive>pending',
      'pending>firing',
      'firing>firing',
      'firing>firing',
      'firing>inactive',
    ]);
  });

  it('remembers since when it breaches, as long as the alert that came of it is open, or nothing is known', () => {
    const since = (windows: string, policy: Partial<AlertPolicy> = {}) => run(windows, policy).last.sinceMs;
    expect(since('ow', { for: 3 })).toBe(20);
    expect(since('oww', { for: 3 })).toBe(20);
    expect(since('owwwbob', { for: 3, keep_firing_for: 1 })).toBe(20);
    expect(since('owo', { for: 3 })).toBe(0);
    expect(since('onnin')).toBe(20);
    expect(since('onne')).toBe(40);
    expect(since('owoow', { for: 2 })).toBe(50);
  });

  it('remembers the episode until it is resolved', () => {
    const open = run('owco', { keep_firing_for: 1 }).last;
    expect(open).toMatchObject({ status: 'recovering', severity: 'critical', firingSinceMs: 20, healthy: 1 });
    expect(open.alertId).toMatch(/^[0-9a-f]{32}$/);
    expect(run('owcoo', { keep_firing_for: 1 }).last).toEqual(initialAlertState);
  });

  it('gives an episode the id of the window in which it fired, and a later episode another', () => {
    const first = run('ow').last.alertId;
    expect(run('wow').last.alertId).not.toBe(run('w').last.alertId);
    expect(run('owb').last.alertId).toBe(first);
    expect(run('ow').last.alertId).toBe(first);
  });

  it('counts windows that share data once', () => {
    const wide = (index: number) => measured(index, 'warning', { dataStartMs: index * 10 - 20 });
    let state: AlertState | undefined;
    const statuses = [0, 1, 2, 3, 4].map(
      (index) => (state = decide(state, wide(index), policyOf({ for: 2 })).next).status,
    );
    // Windows 1 and 2 share data with window 0, window 3 does not.
    expect(statuses).toEqual(['pending', 'pending', 'pending', 'firing', 'firing']);
  });

  it('takes the critical bound where there is no warning', () => {
    const only = (effect: number, severity: Severity) =>
      measured(1, severity, { effect, thresholdWarning: NaN, thresholdCritical: 0.25 });
    const firing = decide(undefined, only(0.3, 'critical'), policyOf());
    expect(firing.transition).toMatchObject({ threshold: 0.25, severity: 'critical' });
    expect(decide(firing.next, only(0.21, 'ok'), policyOf()).next.status).toBe('firing');
    expect(decide(firing.next, only(0.19, 'ok'), policyOf()).next.status).toBe('inactive');
  });

  it('turns the hysteresis round where little is bad', () => {
    const volume = (effect: number, severity: Severity) =>
      measured(1, severity, { method: 'volume', effect, thresholdWarning: 100, thresholdCritical: NaN });
    const firing = decide(undefined, volume(100, 'warning'), policyOf()).next;
    expect(decide(firing, volume(124, 'ok'), policyOf()).next.status).toBe('firing');
    expect(decide(firing, volume(126, 'ok'), policyOf()).next.status).toBe('inactive');
  });

  it('writes a transition that explains itself, with an id that only depends on what was decided', () => {
    const { transition } = decide(undefined, measured(1, 'critical'), policyOf());
    expect(transition).toMatchObject({
      project: 'p',
      model: 'm',
      monitor: 'feature-drift',
      version: '1',
      feature: 'age',
      method: 'psi.decile',
      windowStartMs: 10,
      windowEndMs: 20,
      revision: 0,
      from: 'inactive',
      to: 'firing',
      severity: 'critical',
      value: 0.3,
      threshold: 0.25,
      pValue: 0.001,
      reason: 'It drifted.',
      decidedAtMs: 999,
    });
    const again = decide(undefined, measured(1, 'critical', { evaluatedAtMs: 5_000 }), policyOf()).transition;
    expect(again!.transitionId).toBe(transition!.transitionId);
    const ids = [
      measured(2, 'critical'),
      measured(1, 'critical', { revision: 1 }),
      measured(1, 'critical', { feature: 'fee' }),
      measured(1, 'critical', { version: '2' }),
    ].map((measurement) => decide(undefined, measurement, policyOf()).transition!.transitionId);
    expect(new Set([transition!.transitionId, ...ids]).size).toBe(5);
  });

  it('agrees with a model that reads the whole history at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'wcobnei'), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        (windows, forWindows, keep) => {
          const history = windows.join('');
          const { statuses } = run(history, { for: forWindows, keep_firing_for: keep });
          expect(statuses.at(-1)).toBe(statusByHistory(history, forWindows, keep));
        },
      ),
      { numRuns: 2_000, seed: 20_260_101 },
    );
  });

  it('never leaves the statuses of the contract, nor an episode without an id', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'wcobnei'), { minLength: 1, maxLength: 40 }), (windows) => {
        const { last } = run(windows.join(''), { for: 2, keep_firing_for: 1 });
        const open = last.status === 'firing' || last.status === 'recovering';
        expect(alertStatusSchema.options).toContain(last.status);
        expect(last.alertId !== '').toBe(open);
        expect(last.firingSinceMs > 0).toBe(open);
      }),
      { seed: 20_260_101 },
    );
  });
});

/**
 * The status after a history, by string matching and without a state: what keeps an alert as it is is struck out, then closed
 * episodes are, and what is left says how things stand.
 */
function statusByHistory(history: string, forWindows: number, keep: number): string {
  const said = history.replaceAll('i', '');
  const decisive = said.replaceAll(/[ne]/g, '').replaceAll('c', 'w');
  const healed = `o{${keep + 1}}`;
  const rest = decisive.replaceAll(new RegExp(`w{${forWindows}}(?:(?!${healed}).)*${healed}`, 'g'), '|');
  if (rest.includes('w'.repeat(forWindows))) return rest.endsWith('o') ? 'r' : 'F';
  if (rest.endsWith('w')) return 'p';
  return /[ne]$/.exec(said)?.[0] ?? '-';
}
