import { monitorDeclarationSchema, type ReferenceProfile, type ReferenceSeries } from '@plumbline/contracts';
import { judge } from './judge.js';
import { measure } from './measure.js';
import { noPerformance } from '../windows/window-data.js';
import type { PlacedMeasurement } from './raw-measurement.js';
import { needsWidening, takeWider } from './widen.js';

const FEATURES = 50;
const DAYS = 30;
const BINS = 10;

/** Mulberry32: uniform numbers from a seed. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shares of ten bins, tilted so that their PSI against equal shares is the one given. */
function sharesWithPsi(psi: number): number[] {
  const tilt = (slope: number): number[] => {
    const weights = Array.from({ length: BINS }, (_, i) => Math.exp(slope * (i - (BINS - 1) / 2)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  };
  const psiOf = (shares: readonly number[]) =>
    shares.reduce((sum, share) => sum + (share - 1 / BINS) * Math.log(share * BINS), 0);
  let [low, high] = [0, 2];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (psiOf(tilt(middle)) < psi) low = middle;
    else high = middle;
  }
  return tilt(low);
}

function draw(random: () => number, shares: readonly number[], rows: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (let row = 0; row < rows; row++) {
    let rest = random();
    let bin = 0;
    while (bin < BINS - 1 && rest >= shares[bin]!) rest -= shares[bin++]!;
    counts[bin]!++;
  }
  return counts;
}

/** Days on which each feature is flagged, under the defaults. */
function flaggedDays(seed: number, nReference: number, rowsPerDay: number, drifted: number): number[][] {
  const random = uniform(seed);
  const even = new Array<number>(BINS).fill(1 / BINS);
  const tilted = sharesWithPsi(0.2);
  const profile: ReferenceProfile = {
    project: 'p',
    model: 'm',
    version: '1',
    referenceId: 'ref',
    createdAtMs: 0,
    createdBy: '',
    source: '',
    n: nReference,
    performance: {},
    series: Array.from({ length: FEATURES }, (_, i): ReferenceSeries => ({
      series: `f${i}`,
      kind: 'numeric',
      binSetId: `b${i}`,
      edges: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      decileEdgeIndexes: [0, 1, 2, 3, 4, 5, 6, 7, 8],
      categories: [],
      otherHashes: [],
      counts: draw(random, even, nReference),
      n: nReference,
      missing: 0,
      invalid: 0,
      mean: 0,
      std: 1,
      min: 0,
      max: 10,
    })),
  };
  const declaration = monitorDeclarationSchema.parse({ detector: 'feature_drift', numeric_methods: ['psi.decile'] });
  const history: number[][][] = [];
  const measureOver = (day: number, width: number): PlacedMeasurement[] => {
    const days = history.slice(Math.max(0, day - width + 1), day + 1);
    const series = profile.series.map(({ series: name, binSetId }, feature) => {
      const counts = Array.from({ length: BINS }, (_, bin) =>
        days.reduce((sum, each) => sum + each[feature]![bin]!, 0),
      );
      const n = counts.reduce((sum, count) => sum + count, 0);
      return { series: name, binSetId, n, missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: 0, max: 10, counts };
    });
    const traffic = { n: rowsPerDay * width, errors: 0, latencyCount: 0, latencyBins: [] };
    const data = { series, traffic, performance: noPerformance };
    const raws = measure({ declaration, task: undefined, positiveClass: undefined, profile, data });
    return raws.map((raw) => ({ ...raw, version: '1', segment: '', dataStartMs: day - width + 1 }));
  };

  const flagged: number[][] = Array.from({ length: FEATURES }, () => []);
  for (let day = 0; day < DAYS; day++) {
    history.push(profile.series.map((_, i) => draw(random, i < drifted ? tilted : even, rowsPerDay)));
    let measurements = measureOver(day, 1);
    for (const width of [3, 7, 30]) {
      if (needsWidening(measurements)) measurements = takeWider(measurements, measureOver(day, width));
    }
    const window = { startMs: day, endMs: day + 1 };
    const frame = { project: 'p', model: 'm', monitor: 'd', declaration, window, revision: 0, evaluatedAtMs: 0 };
    judge(measurements, frame).forEach(({ severity }, i) => {
      if (severity === 'warning' || severity === 'critical') flagged[i]!.push(day);
    });
  }
  return flagged;
}

describe('the defaults, over 30 daily windows of 50 features', () => {
  it.each([
    ['1 000 rows a day, reference of 30 000', 30_000, 1_000],
    ['1 000 rows a day, reference of 1 000', 1_000, 1_000],
    ['100 rows a day, reference of 30 000', 30_000, 100],
  ])('raise at most one false alarm a month: %s', (_, nReference, rowsPerDay) => {
    const falseAlarms = [1, 2].flatMap((seed) => flaggedDays(seed, nReference, rowsPerDay, 0).flat());
    expect(falseAlarms.length / 2).toBeLessThanOrEqual(1);
  });

  it('find a PSI of 0.2 in 5 features at once, with 1 000 rows a day', () => {
    const flagged = flaggedDays(3, 30_000, 1_000, 5);
    expect(flagged.slice(0, 5).flat().length).toBeGreaterThanOrEqual(148);
    expect(flagged.slice(5).flat().length).toBeLessThanOrEqual(1);
  });

  it('find it within a week, with 100 rows a day', () => {
    const flagged = flaggedDays(4, 30_000, 100, 5);
    for (const days of flagged.slice(0, 5)) expect(days[0]).toBeLessThan(7);
    expect(flagged.slice(5).flat().length).toBeLessThanOrEqual(1);
  });
});
