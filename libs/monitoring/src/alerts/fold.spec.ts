import {
  type AlertState,
  isNotifiable,
  type Measurement,
  type Severity,
  type Transition,
  withoutLabels,
} from '@plumbline/contracts';
import fc from 'fast-check';
import type { AlertPolicy } from './alert-policy.js';
import { fold } from './fold.js';
import type { HandEnding } from './hand-ending.js';
import { initialAlertState } from './initial-alert-state.js';

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
  reason: 'Accuracy fell.',
  evaluatedAtMs: 100,
});

const severities: Record<string, Severity> = { w: 'warning', c: 'critical', o: 'ok', i: 'insufficient_data' };

/** Folds a history from the first window on; `recorded` are the states decided for its first windows earlier. */
const foldLetters = (
  history: string,
  recorded: readonly (AlertState | undefined)[] = [],
  keepFiringFor = 0,
  changed = 0,
  endings: readonly HandEnding[] = [],
) =>
  fold(
    undefined,
    [...history].map((letter, index) => ({
      measurement: measured(index, severities[letter]!, recorded.length > 0 && index === changed ? 1 : 0),
      policy: { ...policy, keep_firing_for: keepFiringFor },
      recorded: recorded[index],
    })),
    { windowEndMs: changed * 10 + 10, revision: 1, decidedAtMs: 500 },
    endings,
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

  it.each([
    ['becomes critical', 'ww', 'wc', 1, '1:firing>firing warning>critical', true],
    ['became critical earlier', 'wwc', 'wcc', 1, '', false],
    ['is a warning after all', 'wc', 'ww', 1, '1:firing>firing critical>warning', false],
    ['was critical for a while only', 'www', 'wcw', 1, '', false],
    [
      'is news, and critical since',
      'iii',
      'iwc',
      1,
      '1:inactive>firing ok>warning, 2:firing>firing warning>critical',
      true,
    ],
  ])('tells of an alert that %s in retrospect', (_, before, after, changed, expected, notifiable) => {
    const { states } = foldLetters(before);
    const { transitions } = foldLetters(after, states, 0, changed);
    const texts = transitions.map((each, i) => `${summary(transitions)[i]} ${each.severityBefore}>${each.severity}`);
    expect(texts.join(', ')).toBe(expected);
    expect(transitions.slice(-1).some(isNotifiable)).toBe(notifiable);
  });

  describe('with an alert that was ended by hand', () => {
    const endedAfter = (states: readonly AlertState[], index: number): HandEnding[] => [
      { alertId: states[index]!.alertId, windowEndMs: index * 10 + 10 },
    ];

    it('starts the series afresh: what breaches then is another alert', () => {
      const { states } = foldLetters('ow');
      const endings = endedAfter(states, 1);
      const next = fold(
        { windowEndMs: 20, state: states[1]! },
        [{ measurement: measured(2, 'warning'), policy }],
        {
          windowEndMs: 30,
          revision: 0,
          decidedAtMs: 0,
        },
        endings,
      );
      expect(summary(next.transitions)).toEqual(['2:inactive>firing']);
      expect(next.states[0]!.alertId).not.toBe(states[1]!.alertId);
      const quiet = foldLetters('owoo', states, 0, 2, endings);
      expect(quiet.transitions).toEqual([]);
    });

    it('gives the same when its windows are decided again, and does not tell of the ending a second time', () => {
      const first = foldLetters('oww');
      const endings = endedAfter(first.states, 2);
      const second = foldLetters('owwiww', first.states, 0, 0, endings);
      expect(summary(second.transitions)).toEqual(['4:inactive>firing']);
      expect(second.states[2]).toEqual(initialAlertState);
      expect(foldLetters('owwiww', second.states, 0, 0, endings)).toEqual({ states: second.states, transitions: [] });
    });

    it('ends what late data puts in its place after the same window', () => {
      const first = foldLetters('oww');
      const { transitions, states } = foldLetters('www', first.states, 0, 0, endedAfter(first.states, 2));
      // It fired a window earlier, under another id, and was over when somebody ended it.
      expect(summary(transitions)).toEqual(['0:inactive>firing', '2:firing>inactive']);
      expect(states[2]).toEqual(initialAlertState);
    });

    it('ends it once more where it was decided on by who did not know', () => {
      const first = foldLetters('oww');
      const unaware = foldLetters('owwc', first.states);
      expect(summary(unaware.transitions)).toEqual(['3:firing>firing']);
      const { transitions } = foldLetters('owwc', unaware.states, 0, 0, endedAfter(first.states, 2));
      expect(summary(transitions)).toEqual(['2:firing>inactive', '3:inactive>firing']);
      expect(transitions[0]!.alertId).toBe(first.states[2]!.alertId);
    });

    it('tells nothing where it was ended before its state was kept', () => {
      // A process died after it had told, and before it kept what it had decided.
      const { states } = foldLetters('ow');
      const again = foldLetters('ow', [], 0, 0, endedAfter(states, 1));
      expect(again).toEqual({ states: [initialAlertState, initialAlertState], transitions: [] });
    });

    it('tells nothing of an alert that would fire in the very window of the ending', () => {
      const first = foldLetters('wii');
      const endings = endedAfter(first.states, 2);
      const { transitions, states } = foldLetters('iiw', first.states, 0, 0, endings);
      expect(transitions).toEqual([]);
      expect(states[2]).toEqual(initialAlertState);
    });
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
