import { type AlertState, isNotifiable, type Measurement, type Severity, type Transition } from '@plumbline/contracts';
import fc from 'fast-check';
import type { AlertPolicy } from './alert-policy.js';
import { fold } from './fold.js';

const policy: AlertPolicy = { for: 1, keep_firing_for: 0, exit_ratio: 0.8, no_data: 'keep', error: 'keep' };

const measured = (index: number, severity: Severity, revision = 0): Measurement => ({
  project: 'p',
  model: 'm',
  monitor: 'performance',
  version: '1',
  segment: '',
  feature: '',
  method: 'accuracy',
  windowStartMs: index * 10,
  windowEndMs: index * 10 + 10,
  dataStartMs: index * 10,
  revision,
  value: 0.8,
  effect: severity === 'ok' ? 0 : 0.3,
  errorBound: 0,
  pValue: 0,
  adjustedPValue: 0,
  nReference: 1,
  nCurrent: 1,
  nMissing: 0,
  thresholdWarning: 0.1,
  thresholdCritical: 0.25,
  lower: NaN,
  upper: NaN,
  referenceId: 'ref',
  severity,
  decides: true,
  reason: 'Accuracy fell.',
  evaluatedAtMs: 100,
});

const severities: Record<string, Severity> = { w: 'warning', o: 'ok', i: 'insufficient_data' };

/** Folds a history from the first window on; `recorded` are the states decided for its first windows earlier. */
const foldLetters = (
  history: string,
  recorded: readonly (AlertState | undefined)[] = [],
  keepFiringFor = 0,
  changed = 0,
) =>
  fold(
    undefined,
    [...history].map((letter, index) => ({
      measurement: measured(index, severities[letter]!, recorded.length > 0 && index === changed ? 1 : 0),
      policy: { ...policy, keep_firing_for: keepFiringFor },
      recorded: recorded[index],
    })),
    { windowEndMs: changed * 10 + 10, revision: 1, decidedAtMs: 500 },
  );

const summary = (transitions: readonly Transition[]) =>
  transitions.map(({ from, to, windowEndMs }) => `${windowEndMs / 10 - 1}:${from}>${to}`);

describe('fold', () => {
  it('tells the changes of windows decided for the first time', () => {
    expect(summary(foldLetters('owwo').transitions)).toEqual(['1:inactive>firing', '3:firing>inactive']);
  });

  it('starts from the state before', () => {
    const { states } = foldLetters('ow');
    const { transitions } = fold({ windowEndMs: 20, state: states[1]! }, [{ measurement: measured(2, 'ok'), policy }], {
      windowEndMs: 0,
      revision: 0,
      decidedAtMs: 0,
    });
    expect(summary(transitions)).toEqual(['2:firing>inactive']);
    expect(transitions[0]!.alertId).toBe(states[1]!.alertId);
  });

  it('has nothing to tell when it decides the same again', () => {
    const { states } = foldLetters('owwoiw');
    expect(foldLetters('owwoiw', states).transitions).toEqual([]);
  });

  it.each([
    ['a late label raises an alert', 'iio', 'wio', 0, ['0:inactive>firing', '2:firing>inactive']],
    ['… that still stands', 'iii', 'iwi', 1, ['1:inactive>firing']],
    ['a late label resolves an alert', 'oww', 'oow', 1, ['1:firing>inactive', '2:inactive>firing']],
    ['an alert that never was', 'owi', 'ooi', 1, ['1:firing>inactive']],
    ['an alert that began earlier', 'iow', 'iww', 1, ['1:inactive>firing', '2:firing>inactive']],
    ['an alert that was over earlier', 'ww', 'wo', 1, ['1:firing>inactive']],
    ['an alert that is not over after all', 'wo', 'ww', 1, ['1:inactive>firing']],
    ['an episode long past that never was is history', 'woo', 'ooo', 0, []],
  ])('%s', (_, before, after, changed, expected) => {
    const { states } = foldLetters(before);
    const { transitions } = foldLetters(after, states, 0, changed);
    expect(summary(transitions)).toEqual(expected);
    for (const { reason, decidedAtMs, revision } of transitions) {
      expect(reason).toMatch(/^In retrospect, since late data changed .*\(revision 1\): Accuracy fell\.$/);
      expect([decidedAtMs, revision]).toEqual([500, 1]);
    }
  });

  it('names the window that changed', () => {
    const { states } = foldLetters('ioo', [], 3);
    const { transitions } = foldLetters('woo', states, 3, 0);
    expect(transitions.map(({ reason }) => reason)).toEqual([
      'In retrospect, since late data changed this window (revision 1): Accuracy fell.',
    ]);
    const { states: told } = foldLetters('iww');
    const other = foldLetters('www', told, 0, 0).transitions;
    expect(summary(other)).toEqual(['0:inactive>firing', '1:firing>inactive']);
    expect(other[1]!.reason).toContain('the window that ended at 1970-01-01T00:00:00.010Z (revision 1)');
  });

  it('goes on with new windows after those it corrects', () => {
    const { states } = foldLetters('ii');
    expect(summary(foldLetters('wiow', states).transitions)).toEqual([
      '0:inactive>firing',
      '2:firing>inactive',
      '3:inactive>firing',
    ]);
  });

  it('takes windows evaluated after later ones for corrections', () => {
    const { states } = foldLetters('oo');
    const { transitions } = foldLetters('wiio', [undefined, undefined, states[0], states[1]], 0, 0);
    expect(summary(transitions)).toEqual(['0:inactive>firing', '3:firing>inactive']);
  });

  it('leaves who was told with exactly the episodes that stand', () => {
    const history = fc.array(fc.constantFrom(...'woi'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(history, history, fc.nat({ max: 2 }), (before, after, keep) => {
        const first = foldLetters(before.join(''), [], keep);
        const length = Math.max(before.length, after.length);
        const again = [...after, ...before.slice(after.length)].slice(0, length).join('');
        const second = foldLetters(again, first.states, keep);
        const open = new Set<string>();
        for (const transition of [...first.transitions, ...second.transitions].filter(isNotifiable)) {
          if (transition.to === 'firing') {
            expect(open.has(transition.alertId)).toBe(false);
            open.add(transition.alertId);
          } else expect(open.delete(transition.alertId)).toBe(true);
        }
        const { alertId } = second.states.at(-1)!;
        expect([...open]).toEqual(alertId === '' ? [] : [alertId]);
        const ids = [...first.transitions, ...second.transitions].map(({ transitionId }) => transitionId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 300, seed: 20_260_101 },
    );
  });
});
