import { formatDuration, formatInstant, formatWindow } from './format-instant.js';

const NOW_MS = Date.UTC(2026, 0, 8, 0, 0);
const HOUR_MS = 3_600_000;

it('formats instants and windows to the minute', () => {
  expect(formatInstant(NOW_MS + 59_999)).toBe('2026-01-08 00:00 UTC');
  expect(formatInstant(NaN)).toBe('– UTC');
  expect(formatWindow(NOW_MS - 24 * HOUR_MS, NOW_MS)).toBe('2026-01-07 00:00 to 2026-01-08 00:00 UTC (1 day)');
});

it.each([
  [0, '0 seconds'],
  [1_000, '1 second'],
  [15 * 60_000, '15 minutes'],
  [6.5 * HOUR_MS, '6 hours 30 minutes'],
  [7 * 24 * HOUR_MS, '7 days'],
  [49 * HOUR_MS + 61_000, '2 days 1 hour'],
  [24 * HOUR_MS + 60_000, '1 day'],
])('formatDuration(%p) is %s', (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected);
});
