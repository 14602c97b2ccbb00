import type { AlertState } from '@plumbline/contracts';
import { endedBetween, standingBefore, unawareSince } from './hand-ending.js';
import { initialAlertState } from './initial-alert-state.js';

const open: AlertState = {
  ...initialAlertState,
  status: 'firing',
  severity: 'warning',
  breaches: 3,
  sinceMs: 20,
  firingSinceMs: 30,
  alertId: 'a',
};
const pending: AlertState = { ...initialAlertState, status: 'pending', breaches: 1, sinceMs: 20 };
const ending = (windowEndMs: number, alertId = 'a') => ({ windowEndMs, alertId });

describe('endings by hand', () => {
  it('count from their window to the next', () => {
    expect(endedBetween(20, 30, [ending(10), ending(20), ending(30)])).toEqual([ending(20)]);
    const after = { windowEndMs: 40, state: open };
    expect(standingBefore(50, after, [ending(40)])).toEqual(initialAlertState);
    expect(standingBefore(50, after, [ending(30), ending(50)])).toBe(open);
  });

  it.each<[string, AlertState, number, ReturnType<typeof ending>[], number | undefined]>([
    ['nothing was ended', open, 40, [], undefined],
    ['it was ended in the window that was decided last', open, 40, [ending(40)], undefined],
    ['it is open beyond its ending', open, 50, [ending(40)], 40],
    ['another alert is open in the window of the ending', open, 40, [ending(40, 'b')], 40],
    ['it began after the ending', open, 50, [ending(10, 'b')], undefined],
    ['its row of breaches began in the window of the ending', { ...open, alertId: 'c' }, 50, [ending(20, 'b')], 20],
    ['breaches wait across the ending', pending, 40, [ending(30)], 30],
    ['breaches wait since', { ...pending, sinceMs: 40 }, 40, [ending(30)], undefined],
    [
      'nothing is known across the ending',
      { ...initialAlertState, status: 'no_data', sinceMs: 40 },
      50,
      [ending(40)],
      40,
    ],
    ['all is quiet', initialAlertState, 50, [ending(40)], undefined],
    ['two were missed', open, 60, [ending(50), ending(40)], 40],
  ])('were missed by who decided last when %s', (_, state, windowEndMs, endings, expected) => {
    expect(unawareSince({ windowEndMs, state }, endings)).toBe(expected);
  });
});
