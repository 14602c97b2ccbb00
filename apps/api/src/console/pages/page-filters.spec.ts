import { Problem } from '../../http/problem.js';
import { clockText, filterQuery, readPageFilters } from './page-filters.js';

const NOW_MS = Date.UTC(2026, 0, 31, 12, 0, 30);
const NEXT_MINUTE_MS = Date.UTC(2026, 0, 31, 12, 1);
const DAY_MS = 86_400_000;
const VIEWER = { nowMs: NOW_MS, zone: 'UTC' };

describe('filters of a page', () => {
  it.each([
    ['nothing is two weeks', {}, NEXT_MINUTE_MS - 14 * DAY_MS, NEXT_MINUTE_MS, '14d'],
    ['a range', { range: '7d' }, NEXT_MINUTE_MS - 7 * DAY_MS, NEXT_MINUTE_MS, '7d'],
    [
      'fields that were left empty',
      { range: '', from: '', to: '', version: '', segment: '' },
      NEXT_MINUTE_MS - 14 * DAY_MS,
      NEXT_MINUTE_MS,
      '14d',
    ],
    ['days', { from: '2026-01-01', to: '2026-01-05' }, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 5), undefined],
    [
      'minutes of a form',
      { from: '2026-01-01T10:30', to: '2026-01-01T11:00' },
      Date.UTC(2026, 0, 1, 10, 30),
      Date.UTC(2026, 0, 1, 11),
      undefined,
    ],
    [
      'instants of another zone',
      { from: '2026-01-01T00:00:00+02:00', to: '2026-01-01T01:00:00Z' },
      Date.UTC(2025, 11, 31, 22),
      Date.UTC(2026, 0, 1, 1),
      undefined,
    ],
    [
      'a range of one’s own that is not named yet',
      { range: 'own' },
      NEXT_MINUTE_MS - 14 * DAY_MS,
      NEXT_MINUTE_MS,
      undefined,
    ],
    ['no end: now', { from: '2026-01-30' }, Date.UTC(2026, 0, 30), NEXT_MINUTE_MS, undefined],
    ['no start: two weeks before', { to: '2026-01-15' }, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 15), undefined],
    [
      'a range beside instants',
      { range: '1d', from: '2026-01-01', to: '2026-01-02' },
      NEXT_MINUTE_MS - DAY_MS,
      NEXT_MINUTE_MS,
      '1d',
    ],
  ] as const)('%s', (_, query, fromMs, toMs, range) => {
    expect(readPageFilters(query, VIEWER)).toEqual({ fromMs, toMs, range, version: undefined, segment: '' });
  });

  it.each([
    ['a range that is none', { range: '8d' }, 'range'],
    ['a start that is no time', { from: 'yesterday' }, 'from'],
    ['a time without its zone', { from: '2026-01-01T10:30:00' }, 'from'],
    ['a day that does not exist', { from: '2026-13-01' }, 'from'],
    ['an end before the start', { from: '2026-01-02', to: '2026-01-01' }, 'to'],
    ['an end at the start', { from: '2026-01-02', to: '2026-01-02' }, 'to'],
    ['more than a year', { from: '2024-01-02', to: '2026-01-02' }, 'to'],
    ['a version that is no name', { version: '../..' }, 'version'],
    ['a field that is there twice', { segment: ['a', 'b'] }, 'segment'],
  ])('refuses %s and names the field', (_, query, field) => {
    let problem: unknown;
    try {
      readPageFilters(query, VIEWER);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 400, options: { errors: [{ field }] } });
  });

  it.each([
    ['Europe/Berlin', '2026-01-01T10:30', '2026-01-01T09:30:00.000Z'],
    ['Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00.000Z'],
    ['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59:00.000Z'],
    ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00:00.000Z'],
    ['America/New_York', '2026-11-01T03:00', '2026-11-01T08:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z'],
  ])('takes clocks in %s that show %s for %s', (zone, from, instant) => {
    const { fromMs } = readPageFilters({ from, to: '2026-12-01T00:00:00Z' }, { nowMs: NOW_MS, zone });
    expect(new Date(fromMs).toISOString()).toBe(instant);
    expect(clockText(fromMs, zone)).toBe(from.padEnd(16, 'T00:00'));
  });

  it('makes the query again that it was read from, whatever a segment is called', () => {
    const segment = 'country=<script>alert(1)</script> & ü/../?#';
    const query = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-05T00:00:00.000Z', version: '1.2', segment };
    expect(filterQuery(readPageFilters(query, VIEWER))).toEqual(query);
    expect(filterQuery(readPageFilters({ range: '90d' }, VIEWER))).toEqual({ range: '90d' });
    expect(filterQuery(readPageFilters({}, VIEWER))).toEqual({});
  });
});
