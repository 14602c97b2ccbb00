import { muteTimeSchema } from '@plumbline/contracts';
import { mutedUntil } from './mute-time.js';

const at = (text: string): number => Date.parse(text);

describe('mutedUntil', () => {
  it.each([
    ['within the hours of a day', { from: '22:00', to: '23:00' }, '2026-01-08T22:50:30Z', '2026-01-08T23:00:00Z'],
    ['before them', { from: '22:00', to: '23:00' }, '2026-01-08T21:59:59Z', undefined],
    ['at their end', { from: '22:00', to: '23:00' }, '2026-01-08T23:00:00Z', undefined],
    ['over midnight', { from: '22:00', to: '06:07' }, '2026-01-09T06:01:00Z', '2026-01-09T06:07:00Z'],
    ['the whole day', {}, '2026-01-09T06:01:00Z', '2026-01-09T06:15:00Z'],
    [
      'on the night from Friday',
      { weekdays: ['friday'], from: '22:00', to: '06:00' },
      '2026-01-10T05:50:00Z',
      '2026-01-10T06:00:00Z',
    ],
    [
      'not on the night from Saturday',
      { weekdays: ['friday'], from: '22:00', to: '06:00' },
      '2026-01-10T23:00:00Z',
      undefined,
    ],
    [
      'by the clock of the place',
      { from: '09:00', to: '10:00', time_zone: 'Asia/Kolkata' },
      '2026-01-08T03:40:00Z',
      '2026-01-08T03:45:00Z',
    ],
    // On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00: it is over when that hour would have begun.
    [
      'in an hour that is skipped',
      { from: '01:30', to: '03:00', time_zone: 'Europe/Berlin' },
      '2026-03-29T00:50:00Z',
      '2026-03-29T01:00:00Z',
    ],
    ['after it', { from: '01:30', to: '03:00', time_zone: 'Europe/Berlin' }, '2026-03-29T01:00:00Z', undefined],
    // On 25 October 2026 they go from 03:00 back to 02:00.
    [
      'in an hour that comes twice',
      { from: '02:00', to: '03:00', time_zone: 'Europe/Berlin' },
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:00:00Z',
    ],
    [
      'the second time',
      { from: '02:00', to: '03:00', time_zone: 'Europe/Berlin' },
      '2026-10-25T01:50:00Z',
      '2026-10-25T02:00:00Z',
    ],
    [
      'after the second time',
      { from: '02:00', to: '03:00', time_zone: 'Europe/Berlin' },
      '2026-10-25T02:00:00Z',
      undefined,
    ],
  ])('%s', (_, declaration, now, expected) => {
    expect(mutedUntil([muteTimeSchema.parse(declaration)], at(now))).toBe(expected && at(expected));
  });
});
