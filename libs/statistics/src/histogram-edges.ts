import { quantileFromNeighbours, quantilePosition } from './quantile-edges.js';

/** A rule for the number of bins of a histogram, by the name that numpy gives it. */
export type HistogramRule = 'doane' | 'sturges' | 'fd' | 'auto';

/** A rule may ask for any number of bins (Freedman–Diaconis of a sample with one value far out): more than these is an error. */
const MOST_BINS = 1_000_000;

/**
 * Returns the edges of a histogram of equal-width bins over the range of a sample, first and last edge included:
 * `numpy.histogram_bin_edges(x, bins=rule)`.
 *
 * `sortedFinite`: ascending, no NaN or infinity. A constant sample v gives v − ½, v + ½, an empty one 0, 1. Widths: Sturges (1926)
 * range/(1 + log₂ n); Doane (1976) adds log₂(1 + |g₁|/σ_g₁), g₁ the skewness; Freedman–Diaconis (1981) 2·IQR/∛n; `auto` the
 * smaller of Sturges' and Freedman–Diaconis', the latter at least half the width of √n bins.
 * Throws RangeError where the range is no finite number, or where more than a million bins would be needed. O(n).
 */
export function histogramEdges(sortedFinite: ArrayLike<number>, rule: HistogramRule): number[] {
  const n = sortedFinite.length;
  if (n === 0) return [0, 1];
  let first = sortedFinite[0]!;
  let last = sortedFinite[n - 1]!;
  if (!Number.isFinite(last - first)) throw new RangeError(`the range ${first} to ${last} is too wide for a histogram`);
  const range = last - first;
  if (range === 0) {
    first -= 0.5;
    last += 0.5;
  }
  const width = widthOf(rule, sortedFinite, range);
  const bins = width > 0 ? Math.ceil((last - first) / width) : 1;
  if (bins > MOST_BINS) throw new RangeError(`the rule ${rule} asks for ${bins} bins, more than ${MOST_BINS}`);
  const step = (last - first) / bins;
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? last : i * step + first));
}

function widthOf(rule: HistogramRule, sorted: ArrayLike<number>, range: number): number {
  const n = sorted.length;
  switch (rule) {
    case 'sturges':
      return range / (Math.log2(n) + 1);
    case 'doane': {
      if (n <= 2) return 0;
      const standardError = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
      return range / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness(sorted)) / standardError));
    }
    case 'fd':
      return (2 * (quartile(sorted, 3) - quartile(sorted, 1))) / Math.cbrt(n);
    case 'auto':
      return Math.min(
        Math.max(widthOf('fd', sorted, range), range / Math.sqrt(n) / 2),
        widthOf('sturges', sorted, range),
      );
  }
}

function quartile(sorted: ArrayLike<number>, k: number): number {
  const { index, t } = quantilePosition(sorted.length, k, 4);
  const lower = sorted[index]!;
  return quantileFromNeighbours(lower, sorted[index + 1] ?? lower, t);
}

/** Third standardised moment; 0 of a constant sample. Values are divided by the largest first, so that no power overflows. */
function skewness(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  const scale = Math.max(Math.abs(sorted[0]!), Math.abs(sorted[n - 1]!));
  if (scale === 0) return 0;
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += sorted[i]! / scale;
  const mean = sum / n;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < n; i += 1) {
    const deviation = sorted[i]! / scale - mean;
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
  }
  const variance = squares / n;
  return variance === 0 ? 0 : cubes / n / (variance * Math.sqrt(variance));
}
