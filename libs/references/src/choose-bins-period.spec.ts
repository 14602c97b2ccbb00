import { chooseBinsPeriod } from './choose-bins-period.js';

const HOUR_MS = 3_600_000;
const hours = (version: string, counts: readonly number[], from = 0) =>
  counts.map((n, i) => ({ version, hourMs: (from + i) * HOUR_MS, n }));
const period = (version: string, from: number, to: number) => ({
  ...{ version, fromMs: from * HOUR_MS, toMs: to * HOUR_MS },
});

describe('chooseBinsPeriod', () => {
  it.each([
    ['one window with rows enough', hours('1', new Array<number>(48).fill(100)), period('1', 0, 24)],
    ['longer where there are few', hours('1', new Array<number>(72).fill(5)), period('1', 0, 40)],
    ['less than a window, when that is all there is', hours('1', [150, 60]), period('1', 0, 2)],
    ['shorter where there are very many', hours('1', new Array<number>(48).fill(200_000)), period('1', 0, 3)],
    ['none', hours('1', [100, 99]), undefined],
    ['no traffic', [], undefined],
    [
      'the version that has enough first',
      [...hours('1', [50]), ...hours('2', new Array<number>(30).fill(20), 5)],
      period('2', 5, 29),
    ],
  ])('%s', (_, traffic, expected) => {
    expect(chooseBinsPeriod(traffic, 24 * HOUR_MS)).toEqual(expected);
  });
});
