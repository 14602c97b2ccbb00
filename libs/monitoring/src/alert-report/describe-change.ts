import {
  type AlertFinding,
  type DistributionPair,
  DRIFT_SHARE,
  driftMethods,
  type PerformanceMetric,
  performanceMetrics,
  type PerformanceSummary,
  qualityMetrics,
} from '@plumbline/contracts';
import { worseWhen } from '../detectors/performance-metrics.js';
import { binQuantile } from './bin-quantile.js';
import { binLabels } from './distribution-of.js';
import type { ReportedMeasurement, ReportedPair } from './report-input.js';
import { shift, shiftOfShares, shortNumber, shortPercent } from './short-numbers.js';

export type Change = Pick<AlertFinding, 'direction' | 'change'>;

const UNKNOWN: Change = { direction: undefined, change: '' };
/** A mean that moved by less is not what the drift is: in standard deviations of the reference. */
const VISIBLE_SHIFT = 0.1;
/** With fewer bins a quantile is a guess within a wide bin. */
const MIN_BINS_OF_QUANTILES = 20;

const QUALITY: Readonly<Record<string, string>> = {
  missing_rate: 'missing',
  invalid_rate: 'of the wrong type',
  unseen_rate: 'unknown to the reference',
  out_of_range_rate: 'outside the range of the reference',
};
const SERVICE: Readonly<Record<string, readonly [name: string, unit: string]>> = {
  latency_p50_ms: ['median latency', ' ms'],
  latency_p95_ms: ['95th percentile of latency', ' ms'],
  latency_p99_ms: ['99th percentile of latency', ' ms'],
};

/**
 * Returns which way the values of a measurement went, and how far, in words; nothing where there is nothing to compare with.
 * @param pair of the feature, for a drift method
 * @param performance of the reference
 * @param volumeBefore predictions that the service made in the window before
 */
export function describeChange(
  measurement: ReportedMeasurement,
  pair: ReportedPair | undefined,
  performance: PerformanceSummary | undefined,
  volumeBefore: number,
): Change {
  const { method, value, effect } = measurement;
  if (measurement.severity === 'no_data') return { direction: 'down', change: 'no predictions came' };
  if (isOneOf(driftMethods, method)) return pair === undefined ? UNKNOWN : describeShift(pair);
  if (Number.isNaN(value)) return UNKNOWN;
  if (isOneOf(qualityMetrics, method)) {
    if (Number.isNaN(effect)) return { direction: undefined, change: `${shortPercent(value)} ${QUALITY[method]}` };
    return {
      direction: directionOf(value - effect, value),
      change: `${QUALITY[method]}: ${shiftOfShares(Math.max(0, value - effect), value)}`,
    };
  }
  if (isOneOf(performanceMetrics, method)) return describePerformance(method, value, performance?.[method]);
  if (method === 'volume') {
    const before = volumeBefore > 0 ? `, ${shortNumber(volumeBefore)} in the window before` : '';
    return {
      direction: volumeBefore > 0 ? directionOf(volumeBefore, value) : 'down',
      change: `${shortNumber(value)} prediction${value === 1 ? '' : 's'}${before}`,
    };
  }
  if (method === DRIFT_SHARE)
    return { direction: 'up', change: `features with ${shortPercent(value)} of the importance drifted` };
  if (method === 'error_rate') return { direction: 'up', change: `${shortPercent(value)} of the predictions failed` };
  const [name, unit] = SERVICE[method] ?? [method, ''];
  return { direction: 'up', change: `${name} ${shortNumber(value)}${unit}` };
}

function describePerformance(method: PerformanceMetric, value: number, reference: number | undefined): Change {
  const name = method.replaceAll('_', ' ');
  if (reference === undefined) return { direction: undefined, change: `${name} ${shortNumber(value)}` };
  const relative = Math.abs((value - reference) / reference);
  const worse = { lower: value < reference, higher: value > reference, farther: Math.abs(value) > Math.abs(reference) };
  const judged = worse[worseWhen[method]] ? 'worse' : 'better';
  // Of a bias near zero everything is a multiple.
  const share =
    worseWhen[method] === 'farther' || !Number.isFinite(relative) ? '' : ` (${shortPercent(relative)} ${judged})`;
  return { direction: directionOf(reference, value), change: `${name} ${shift(reference, value)}${share}` };
}

function describeShift(pair: ReportedPair): Change {
  const { reference, current } = pair;
  if (reference.n === 0 || current.n === 0) return UNKNOWN;
  return reference.kind === 'numeric' ? describeNumbers(pair) : describeCategories(pair);
}

/** The mean where it moved, else the spread where that changed, else the bin that gained or lost most. */
function describeNumbers(pair: ReportedPair): Change {
  const { reference, current } = pair;
  const mean = current.sum / current.n;
  const std = Math.sqrt(Math.max(0, current.sumSquares / current.n - mean ** 2));
  const moved = (mean - reference.mean) / reference.std;
  if (Math.abs(moved) >= VISIBLE_SHIFT || (reference.std === 0 && mean !== reference.mean)) {
    const deviations = Number.isFinite(moved)
      ? ` (${moved > 0 ? '+' : ''}${shortNumber(moved, 2)} standard deviations)`
      : '';
    return {
      direction: directionOf(reference.mean, mean),
      change: `mean ${shift(reference.mean, mean)}${deviations}${medians(pair)}`,
    };
  }
  const spread = std / reference.std;
  if (Number.isFinite(spread) && (spread >= 1.1 || spread <= 1 / 1.1)) {
    return {
      direction: undefined,
      change: `spread (standard deviation) ${shift(reference.std, std)}, mean nearly the same`,
    };
  }
  const bars = binLabels(pair);
  return { direction: undefined, change: describeBar(bars, largestMove(bars)) };
}

function medians({ reference, current }: ReportedPair): string {
  if (reference.edges.length < MIN_BINS_OF_QUANTILES) return '';
  const before = binQuantile(reference.edges, reference.counts, reference, 0.5);
  const after = binQuantile(reference.edges, current.counts, current, 0.5);
  return `, median ${shift(before, after)}`;
}

/** Two categories have a direction, that of the second by name: "yes" of no and yes, "true" of false and true. */
function describeCategories(pair: ReportedPair): Change {
  const bars = binLabels(pair);
  const most = largestMove(bars);
  const { categories } = pair.reference;
  const moved = bars.labels[most];
  if (categories.length !== 2 || moved === undefined || !categories.includes(moved)) {
    return { direction: undefined, change: describeBar(bars, most) };
  }
  const index = bars.labels.indexOf([...categories].sort()[1]!);
  return {
    direction: directionOf(bars.reference[index]!, bars.current[index]!),
    change: describeBar(bars, index),
  };
}

function describeBar({ labels, reference, current }: DistributionPair, index: number): string {
  return `share of ${labels[index] ?? ''} ${shiftOfShares(reference[index] ?? 0, current[index] ?? 0)}`;
}

/** Index of the bar whose share moved most. */
function largestMove({ labels, reference, current }: DistributionPair): number {
  const move = (index: number): number => Math.abs((current[index] ?? 0) - (reference[index] ?? 0));
  return [...labels.keys()].reduce((most, index) => (move(index) > move(most) ? index : most), 0);
}

function directionOf(before: number, after: number): 'up' | 'down' | undefined {
  return after > before ? 'up' : after < before ? 'down' : undefined;
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
