import { distributionBars, largest } from './distribution-bars.js';

it('draws shares as bars, something always above nothing', () => {
  expect(distributionBars([0, 0.001, 0.25, 0.5])).toBe('▁▂▅█');
  expect(distributionBars([0.1, 0.2], 0.4)).toBe('▃▅');
});

it('draws what is no share as nothing', () => {
  expect(distributionBars([NaN, -1, Infinity], 1)).toBe('▁▁█');
  expect(distributionBars([])).toBe('');
  expect(distributionBars([0, 0])).toBe('▁▁');
});

it('finds the largest share of several rows', () => {
  expect(largest([0.1, 0.2], [0.5])).toBe(0.5);
  expect(largest()).toBe(0);
});
