import { cronSchema } from '@plumbline/contracts';
import { lastScheduled } from './last-scheduled.js';

const at = (text: string): number => Date.parse(`${text}Z`);
const last = (cron: string, now: string, after = '1970-01-01T00:00'): string | undefined => {
  const lastMs = lastScheduled({ cron }, at(after), at(now));
  return lastMs === undefined ? undefined : new Date(lastMs).toISOString().slice(0, 16);
};

describe('lastScheduled', () => {
  // 2026-11-21 is a Saturday.
  it.each([
    ['* * * * *', '2026-11-21T12:34:56', '2026-11-21T12:34'],
    ['0 3 * * *', '2026-11-21T03:00', '2026-11-21T03:00'],
    ['0 3 * * *', '2026-11-21T02:59:59', '2026-11-20T03:00'],
    ['*/15 9-17 * * 1-5', '2026-11-21T12:00', '2026-11-20T17:45'],
    ['5,35 */6 * * *', '2026-11-21T13:00', '2026-11-21T12:35'],
    ['0 0 1 * *', '2026-11-21T12:00', '2026-11-01T00:00'],
    ['0 0 31 * *', '2026-11-21T12:00', '2026-10-31T00:00'],
    ['0 0 * * 0', '2026-11-21T12:00', '2026-11-15T00:00'],
    ['0 0 * * 7', '2026-11-21T12:00', '2026-11-15T00:00'],
    ['0 0 13 * 5', '2026-11-21T12:00', '2026-11-20T00:00'],
    ['0 0 */10 * 5', '2026-11-21T12:00', '2026-09-11T00:00'],
    ['0 0 29 2 *', '2026-11-21T12:00', '2024-02-29T00:00'],
    ['30 6/6 1 1,7 *', '2026-11-21T12:00', '2026-07-01T18:30'],
  ])('%s before %s is %s', (cron, now, expected) => {
    expect(last(cron, now)).toBe(expected);
  });

  it('has none where all are over, or none has come', () => {
    expect(last('0 3 * * *', '2026-11-21T12:00', '2026-11-21T03:00')).toBeUndefined();
    expect(last('0 3 * * *', '2026-11-21T12:00', '2026-11-21T02:59:59')).toBe('2026-11-21T03:00');
  });

  it('counts an interval from 1970', () => {
    expect(lastScheduled({ every: '7d' }, 0, at('2026-11-21T12:00'))).toBe(at('2026-11-19T00:00'));
    expect(lastScheduled({ every: '7d' }, at('2026-11-19T00:00'), at('2026-11-21T12:00'))).toBeUndefined();
  });
});

describe('cronSchema', () => {
  it.each([
    ['daily', 'five fields'],
    ['0 3 * *', 'five fields'],
    ['60 3 * * *', '"60" is no minute: write *, a number from 0 to 59'],
    ['0 24 * * *', '"24" is no hour'],
    ['0 0 0 * *', '"0" is no day of the month'],
    ['0 0 * 13 *', '"13" is no month'],
    ['0 0 * * 8', '"8" is no day of the week'],
    ['0 0 * JAN *', '"JAN" is no month'],
    ['*/0 * * * *', '"*/0" is no minute'],
    ['5-1 * * * *', '"5-1" is no minute'],
    ['1, * * * *', '"" is no minute'],
    ['0 0 30 2 *', 'no month in it has such a day'],
  ])('refuses %s', (cron, message) => {
    expect(cronSchema.safeParse(cron).error!.issues[0]!.message).toContain(message);
  });
});
