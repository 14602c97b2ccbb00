import { timestampMs } from './timestamp-ms.js';

const AT = Date.UTC(2018, 9, 30, 18, 8, 43, 152);

it.each<[unknown, number | undefined]>([
  ['2018-10-30 18:08:43.152', AT],
  ['2018-10-30T18:08:43.152', AT],
  ['2018-10-30T18:08:43.152Z', AT],
  ['2018-10-30T20:08:43.152+02:00', AT],
  ['2018-10-30T20:08:43.152+0200', AT],
  ['2018-10-30 18:08:43.152999', AT],
  ['2018-10-30T18:08', Date.UTC(2018, 9, 30, 18, 8)],
  ['2018-10-30', Date.UTC(2018, 9, 30)],
  [' 2018-10-30 ', Date.UTC(2018, 9, 30)],
  [AT, AT],
  [AT + 0.9, AT],
  [BigInt(AT), AT],
  [String(AT), AT],
  [new Date(AT), AT],
  ['30.10.2018', undefined],
  ['2018', undefined],
  ['soon', undefined],
  ['', undefined],
  [Number.NaN, undefined],
  [null, undefined],
  [undefined, undefined],
  [true, undefined],
])('%p is %p', (value, expected) => {
  expect(timestampMs(value)).toBe(expected);
});
