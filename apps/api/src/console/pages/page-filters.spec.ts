import { Problem } from '../../http/problem.js';
import { filterQuery, readPageFilters } from './page-filters.js';

const NOW_MS = Date.UTC(2026, 0, 31, 12, 0, 30);
const NEXT_MINUTE_MS = Date.UTC(2026, 0, 31, 12, 1);
const DAY_MS = 86_400_000;

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
    expect(readPageFilters(query, NOW_MS)).toEqual({ fromMs, toMs, range, version: undefined, segment: '' });
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
      readPageFilters(query, NOW_MS);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 400, options: { errors: [{ field }] } });
  });

  it('makes the query again that it was read from, whatever a segment is called', () => {
    const segment = 'country=<script>alert(1)</script> & ü/../?#';
    const query = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-05T00:00:00.000Z', version: '1.2', segment };
    expect(filterQuery(readPageFilters(query, NOW_MS))).toEqual(query);
    expect(filterQuery(readPageFilters({ range: '90d' }, NOW_MS))).toEqual({ range: '90d' });
    expect(filterQuery(readPageFilters({}, NOW_MS))).toEqual({});
  });
});
