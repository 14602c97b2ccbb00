import type { ReferenceProfile, ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData, WindowData } from '../windows/window-data.js';
import { profileOfCells } from './profile-of-cells.js';

const bins: ReferenceSeries = {
  series: 'x',
  kind: 'numeric',
  binSetId: 'b',
  edges: [10, 20],
  decileEdgeIndexes: [0, 1],
  categories: [],
  otherHashes: [],
  counts: [5, 5, 5],
  n: 15,
  missing: 1,
  invalid: 2,
  mean: 15,
  std: 4,
  min: 0,
  max: 30,
};
const stored: ReferenceProfile = {
  project: 'p',
  model: 'm',
  version: '1',
  referenceId: 'stored',
  createdAtMs: 1,
  createdBy: 'me',
  source: 'csv file of 15 rows',
  n: 18,
  series: [bins, { ...bins, series: 'gone' }],
  performance: { accuracy: 0.9 },
};
const moving = {
  kind: 'previous',
  version: '2',
  segment: '',
  periods: [{ startMs: Date.UTC(2026, 0, 1), endMs: Date.UTC(2026, 0, 2) }],
  binsId: 'stored',
} as const;
const counted = (values: readonly number[]): SeriesData => ({
  series: 'x',
  binSetId: 'b',
  n: values.length,
  missing: 3,
  invalid: 0,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumSquares: values.reduce((sum, value) => sum + value * value, 0),
  min: values.reduce((least, value) => Math.min(least, value), Infinity),
  max: values.reduce((most, value) => Math.max(most, value), -Infinity),
  counts: [
    values.filter((value) => value < 10).length,
    values.filter((value) => value >= 10 && value < 20).length,
    values.filter((value) => value >= 20).length,
  ],
});
// What is not looked at here is left out.
const dataOf = (...series: SeriesData[]): WindowData =>
  ({ series, traffic: { n: 7 }, performance: { labelled: 4 } }) as unknown as WindowData;

describe('profileOfCells', () => {
  it('has the bins of the stored reference and the counts of the period', () => {
    const profile = profileOfCells(stored, moving, dataOf(counted([2, 12, 14, 28])), { accuracy: 0.5 });
    expect(profile).toMatchObject({
      kind: 'previous',
      version: '2',
      referenceId: 'previous:2:20260101T0000Z-20260102T0000Z:stored',
      source: 'the window before (2026-01-01 00:00 to 2026-01-02 00:00 UTC)',
      n: 7,
      labelled: 4,
      performance: { accuracy: 0.5 },
    });
    expect(profile.series[0]).toEqual({
      ...bins,
      ...{ counts: [1, 2, 1], n: 4, missing: 3, invalid: 0, mean: 14, std: Math.sqrt(86), min: 2, max: 28 },
    });
    expect(profile.series[1]).toMatchObject({
      series: 'gone',
      n: 0,
      counts: [0, 0, 0],
      mean: 0,
      std: 0,
      min: 0,
      max: 0,
    });
  });

  it('has the parts where they were asked for, empty ones too', () => {
    const whole = dataOf(counted([2, 12]));
    const parts = [{ series: [counted([2])] }, { series: [] }, { series: [counted([12])] }];
    const [x] = profileOfCells(stored, moving, whole, {}, parts).series;
    expect(x!.chunks!.map(({ n, counts }) => [n, counts])).toEqual([
      [1, [1, 0, 0]],
      [0, [0, 0, 0]],
      [1, [0, 1, 0]],
    ]);
  });

  it('knows the spread of values that lie far from 0', () => {
    const far = { ...bins, edges: [1e9 + 10, 1e9 + 20] };
    const values = Array.from({ length: 100 }, (_, i) => 1e9 + (i % 30));
    const data = { ...counted([]), ...counted(values), counts: [34, 33, 33] };
    const [x] = profileOfCells({ ...stored, series: [far] }, moving, dataOf(data), {}).series;
    const exact = Math.sqrt(values.reduce((sum, value) => sum + (value - 1e9 - 13.8) ** 2, 0) / values.length);
    // Sums of squares have no digit of it left; the bins do.
    expect(x!.std).toBeGreaterThan(0.8 * exact);
    expect(x!.std).toBeLessThan(1.2 * exact);
  });
});
