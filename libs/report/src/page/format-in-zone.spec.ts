import { formatInZone, isTimeZone } from './format-in-zone.js';

describe('formatInZone', () => {
  const AT_MS = Date.UTC(2026, 10, 22, 2, 5, 9);

  it.each([
    ['UTC', 'minute', '2026-11-22 02:05'],
    ['UTC', 'second', '2026-11-22 02:05:09'],
    ['America/New_York', 'minute', '2026-11-21 21:05'],
    ['America/New_York', 'day', '2026-11-21'],
    ['Asia/Kathmandu', 'minute', '2026-11-22 07:50'],
  ] as const)('writes an instant in %s to the %s: %s', (zone, form, expected) => {
    expect(formatInZone(AT_MS, zone, form)).toBe(expected);
  });

  it('writes midnight as 00, and knows summer time', () => {
    expect(formatInZone(Date.UTC(2026, 6, 1, 22), 'Europe/Berlin')).toBe('2026-07-02 00:00');
    expect(formatInZone(Date.UTC(2026, 0, 1, 23), 'Europe/Berlin')).toBe('2026-01-02 00:00');
  });

  it('writes a dash for what is no instant', () => {
    expect(formatInZone(NaN, 'UTC')).toBe('–');
    expect(formatInZone(1e20, 'UTC')).toBe('–');
  });

  it.each([
    ['Europe/Berlin', true],
    ['Etc/GMT+5', true],
    ['Mars/Olympus', false],
    ['', false],
    ['"><script>', false],
  ])('knows whether %j is a zone: %s', (zone, expected) => {
    expect(isTimeZone(zone)).toBe(expected);
  });
});
