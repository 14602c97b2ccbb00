import { formatAgo } from './ago.js';

describe('formatAgo', () => {
  const NOW_MS = Date.UTC(2026, 10, 22);
  it.each([
    [0, 'just now'],
    [59_999, 'just now'],
    [60_000, '1 min ago'],
    [3_599_999, '59 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [50 * 3_600_000, '2 d ago'],
    [-90 * 60_000, 'in 1 h'],
  ])('tells of an instant %i ms before now: %s', (beforeMs, expected) => {
    expect(formatAgo(NOW_MS - beforeMs, NOW_MS)).toBe(expected);
  });
});
