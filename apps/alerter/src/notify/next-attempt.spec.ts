import { nextAttemptAtMs } from './next-attempt.js';

const NOW_MS = Date.UTC(2026, 0, 1);

describe('nextAttemptAtMs', () => {
  it.each([
    [1, 5_000],
    [2, 5 * 60_000],
    [3, 30 * 60_000],
    [4, 2 * 3_600_000],
    [6, 10 * 3_600_000],
    [9, 24 * 3_600_000],
  ])('pauses after attempt %i, and up to a fifth longer', (attempt, pauseMs) => {
    expect(nextAttemptAtMs(attempt, NOW_MS, 0)).toBe(NOW_MS + pauseMs);
    expect(nextAttemptAtMs(attempt, NOW_MS, 0.5)).toBe(NOW_MS + pauseMs * 1.1);
  });

  it('gives up after ten attempts', () => {
    expect(nextAttemptAtMs(10, NOW_MS, 0)).toBe(0);
    expect(nextAttemptAtMs(10, NOW_MS, 0, 1_000)).toBe(0);
  });

  it('waits as long as the receiver asks, but not shorter than it would', () => {
    expect(nextAttemptAtMs(1, NOW_MS, 0, 60_000)).toBe(NOW_MS + 60_000);
    expect(nextAttemptAtMs(2, NOW_MS, 0, 1_000)).toBe(NOW_MS + 5 * 60_000);
  });
});
