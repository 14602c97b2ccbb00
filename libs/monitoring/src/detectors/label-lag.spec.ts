import { ZERO_BIN } from '@plumbline/statistics';
import { noPerformance } from '../windows/window-data.js';
import { labelLag, labelsFinalFrom } from './label-lag.js';

const DAY_MS = 86_400_000;

describe('labelLag', () => {
  it('is within 1 % of what labels took', () => {
    const index = (ms: number): number => Math.floor(Math.log(ms) / Math.log(1.02));
    const lagBins = [
      { index: index(DAY_MS), count: 90 },
      { index: index(7 * DAY_MS), count: 10 },
    ];
    const { coverage, lagP50Ms, lagP95Ms } = labelLag({ ...noPerformance, predicted: 200, labelled: 100, lagBins });
    expect(coverage).toBe(0.5);
    expect(Math.abs(lagP50Ms / DAY_MS - 1)).toBeLessThan(0.01);
    expect(Math.abs(lagP95Ms / (7 * DAY_MS) - 1)).toBeLessThan(0.01);
  });

  it.each([
    ['no predictions', noPerformance, { coverage: NaN, lagP50Ms: NaN, lagP95Ms: NaN }],
    ['no labels', { ...noPerformance, predicted: 5 }, { coverage: 0, lagP50Ms: NaN, lagP95Ms: NaN }],
    [
      'labels before their predictions',
      { ...noPerformance, predicted: 2, labelled: 2, lagBins: [{ index: ZERO_BIN, count: 2 }] },
      { coverage: 1, lagP50Ms: 0, lagP95Ms: 0 },
    ],
  ])('%s', (_, data, expected) => expect(labelLag(data)).toEqual(expected));
});

describe('labelsFinalFrom', () => {
  const due = { windowEndMs: 10 * DAY_MS, horizonMs: 30 * DAY_MS };
  it.each([
    ['all labelled', 5, 5, 10],
    ['some labelled', 5, 4, 40],
    ['no predictions', 0, 0, 40],
  ])('%s', (_, predicted, labelled, days) =>
    expect(labelsFinalFrom({ ...noPerformance, predicted, labelled }, due)).toBe(days * DAY_MS),
  );
});
