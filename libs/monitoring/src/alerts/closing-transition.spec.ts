import { isNotifiable } from '@plumbline/contracts';
import type { OpenEpisode } from './closing-reason.js';
import { closingTransition } from './closing-transition.js';

const episode: OpenEpisode = {
  project: 'p',
  model: 'm',
  monitor: 'drift',
  version: '1',
  segment: '',
  feature: 'age',
  method: 'psi.decile',
  alertId: 'a',
  windowMs: 100,
  endedByHand: false,
  lastWindowEndMs: 1000,
  decidedAtMs: 1010,
  told: { transitionId: 't1', status: 'firing', severity: 'warning', revision: 2, threshold: 0.1, decidedAtMs: 1010 },
};

describe('closingTransition', () => {
  it('resolves the alert, is told, and gives the reason', () => {
    const transition = closingTransition(episode, 1100, 'the monitor was deleted', 2000);
    expect(transition).toMatchObject({
      alertId: 'a',
      windowStartMs: 1000,
      windowEndMs: 1100,
      from: 'firing',
      to: 'inactive',
      reason: 'Closed without a verdict: the monitor was deleted.',
      decidedAtMs: 2000,
    });
    expect(isNotifiable(transition)).toBe(true);
  });

  it('has the same id whenever and for whatever reason the same episode is closed, and another once it was opened again', () => {
    const { transitionId } = closingTransition(episode, 1100, 'the monitor was deleted', 2000);
    expect(closingTransition(episode, 1200, 'the monitor was disabled', 3000).transitionId).toBe(transitionId);
    const opened = { ...episode, told: { ...episode.told, transitionId: 't2' } };
    expect(closingTransition(opened, 1100, 'the monitor was deleted', 2000).transitionId).not.toBe(transitionId);
  });

  it('is the last word even when the clock was set back', () => {
    expect(closingTransition(episode, 1100, 'the monitor was deleted', 5).decidedAtMs).toBe(1011);
  });
});
