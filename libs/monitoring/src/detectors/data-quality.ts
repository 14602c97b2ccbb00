import type { MonitorDeclaration, QualityMetric, ReferenceSeries, Threshold } from '@plumbline/contracts';
import { twoProportionPValue, wilsonInterval } from '@plumbline/statistics';
import { referenceInWords } from '../references/describe-reference.js';
import type { SeriesData } from '../windows/window-data.js';
import { type DetectorInput, NO_REFERENCE } from './detector-input.js';
import { emptySeries, findSeries } from './find-series.js';
import { boundsInView } from './judgeable-drift.js';
import { lowestBound } from './lowest-bound.js';
import { percent } from './numbers-in-words.js';
import { outOfRange } from './out-of-range.js';
import { singletons } from './population-weights.js';
import { type RawMeasurement, undefinedMeasurement } from './raw-measurement.js';
import { FEWEST_CHUNKS, restsOnChunks, spreadOverChunks } from './spread-over-chunks.js';

type QualityDeclaration = Extract<MonitorDeclaration, { detector: 'data_quality' }>;

/** Rows at fault among the rows that could be. */
interface Share {
  readonly rows: number;
  readonly of: number;
}

/** A rate in the reference: its own rows at fault, and those to expect of a window where nothing changed. */
interface UsualShare extends Share {
  readonly expectedRows: number;
}

/** What rates are counted from: a window, a reference, or a chunk of it. */
type Counted = Pick<SeriesData, 'n' | 'missing' | 'invalid' | 'counts' | 'min' | 'max'>;

const LABELS: Readonly<Record<QualityMetric, string>> = {
  missing_rate: 'missing',
  invalid_rate: 'of the wrong type',
  unseen_rate: 'of a category the reference does not know',
  out_of_range_rate: 'outside the range of the reference',
};

/**
 * Measures the rates of missing, invalid, unseen and out-of-range values per series; the effect is the increase over the rate to
 * expect by the reference. Without a reference the first two are recorded and nothing is judged.
 */
export function dataQuality(input: DetectorInput<QualityDeclaration>): RawMeasurement[] {
  const { declaration, profile, lacking = NO_REFERENCE, data } = input;
  const { features, thresholds } = declaration;
  const chosen = (series: string): boolean => features === undefined || features.includes(series);
  if (profile === undefined) {
    const metrics = ['missing_rate', 'invalid_rate'] as const;
    return data.series
      .filter(({ series }) => chosen(series))
      .flatMap((current) =>
        metrics.map((metric) => recordRate(current, metric, thresholds[metric] !== undefined, lacking)),
      );
  }
  return profile.series
    .filter(({ series }) => chosen(series))
    .flatMap((reference) => {
      const current = findSeries(data, reference) ?? emptySeries(reference);
      const metrics: QualityMetric[] = [
        'missing_rate',
        'invalid_rate',
        reference.kind === 'numeric' ? 'out_of_range_rate' : 'unseen_rate',
      ];
      return metrics.map((metric) => ({
        ...compareRates(reference, current, metric, input),
        nMissing: current.missing,
        referenceId: profile.referenceId,
      }));
    });
}

function shareOf(metric: QualityMetric, reference: ReferenceSeries, counted: Counted): Share {
  const { n, missing, invalid, counts } = counted;
  switch (metric) {
    case 'missing_rate':
      return { rows: missing, of: n + missing + invalid };
    case 'invalid_rate':
      return { rows: invalid, of: n + missing + invalid };
    case 'unseen_rate':
      return { rows: counts.at(-1) ?? 0, of: n };
    case 'out_of_range_rate':
      return { rows: outOfRange(reference, counted), of: n };
  }
}

/**
 * The rate in the reference. A sample knows neither all categories nor the ends of the range: of rows like its own, one in n is a
 * category that it has only once, and one lies below and one above all others of them. So many are to be expected of a window.
 */
function usualShare(metric: QualityMetric, reference: ReferenceSeries): UsualShare {
  const own = shareOf(metric, reference, reference);
  if (metric === 'unseen_rate') return { ...own, expectedRows: Math.max(own.rows, Math.round(singletons(reference))) };
  if (metric === 'out_of_range_rate') return { ...own, expectedRows: Math.max(own.rows, Math.min(2, own.of)) };
  return { ...own, expectedRows: own.rows };
}

function recordRate(current: SeriesData, metric: QualityMetric, judged: boolean, lacking: string): RawMeasurement {
  const { n, missing, invalid } = current;
  const rows = metric === 'missing_rate' ? missing : invalid;
  const of = n + missing + invalid;
  return {
    ...undefinedMeasurement,
    feature: current.series,
    method: metric,
    value: rows / of,
    nCurrent: of,
    nMissing: missing,
    state: of === 0 ? 'insufficient' : judged ? 'no_reference' : 'measured',
    finding: `${percent(rows / of)} of ${of} values of ${current.series} are ${LABELS[metric]}; ${lacking}`,
  };
}

function compareRates(
  reference: ReferenceSeries,
  current: SeriesData,
  metric: QualityMetric,
  { declaration: { thresholds, alpha }, profile, seriesAlpha = alpha }: DetectorInput<QualityDeclaration>,
): RawMeasurement {
  const usual = usualShare(metric, reference);
  const now = shareOf(metric, reference, current);
  const declared = thresholds[metric];
  const common = {
    ...undefinedMeasurement,
    feature: reference.series,
    method: metric,
    threshold: declared === undefined ? undefined : boundsInView(declared),
    nReference: usual.of,
    nCurrent: now.of,
  };
  if (usual.of === 0) {
    const holder = profile === undefined ? 'the reference' : referenceInWords(profile);
    return { ...common, state: 'insufficient', finding: `${holder} holds no value of ${reference.series}` };
  }
  if (now.of === 0) return { ...common, state: 'insufficient', finding: `no value of ${reference.series} came` };
  const value = now.rows / now.of;
  const finding = `${percent(value)} of ${now.of} values of ${reference.series} are ${LABELS[metric]}, against ${percent(usual.rows / usual.of)} in the reference`;
  const measured = {
    ...common,
    ...wilsonInterval(now.rows, now.of, 1 - alpha),
    value,
    effect: value - usual.expectedRows / usual.of,
    errorBound: 0,
    pValue: twoProportionPValue(usual.expectedRows, usual.of, now.rows, now.of),
  };
  if (declared === undefined) return { ...measured, state: 'measured', finding };
  if (restsOnChunks(declared)) {
    const rates = (reference.chunks ?? []).map((chunk) => shareOf(metric, reference, chunk));
    const known = rates.flatMap(({ rows, of }) => (of > 0 ? [rows / of] : []));
    if (known.length < FEWEST_CHUNKS) {
      const needs = `its threshold rests on chunks of the reference, of which it has ${known.length}: post a reference of at least ${FEWEST_CHUNKS} parts again, or declare static or auto bounds`;
      return { ...measured, state: 'error', finding: `${finding}; ${needs}` };
    }
    const threshold = asIncrease(spreadOverChunks(declared, known), usual.expectedRows / usual.of);
    return { ...measured, threshold, state: 'measured', finding };
  }
  const threshold =
    declared.kind === 'auto'
      ? { ...boundsInView(declared), warning: smallestIncrease(usual, now.of, seriesAlpha) }
      : boundsInView(declared);
  const minimum = declared.kind === 'auto' ? 1 : minimumRows(lowestBound(threshold), alpha);
  if (now.of < minimum) {
    return {
      ...measured,
      threshold,
      state: 'insufficient',
      finding: `${finding}; ${minimum - now.of} rows short of the ${minimum} it takes to see a rate of ${percent(lowestBound(threshold))}`,
    };
  }
  return { ...measured, threshold, state: 'measured', finding };
}

/** Bounds of a rate as bounds of its increase; never 0, which no increase at all would reach. */
function asIncrease(bounds: Threshold, usual: number): Threshold {
  const increase = (bound: number): number => Math.max(Number.EPSILON, bound - usual);
  return {
    ...(bounds.warning === undefined ? {} : { warning: increase(bounds.warning) }),
    ...(bounds.critical === undefined ? {} : { critical: increase(bounds.critical) }),
  };
}

/** The smallest increase of the rate that is significant among so many rows; Infinity when none is. */
function smallestIncrease({ expectedRows, of }: UsualShare, rows: number, alpha: number): number {
  let low = 0;
  let high = rows + 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (twoProportionPValue(expectedRows, of, middle, rows) <= alpha) high = middle;
    else low = middle;
  }
  return high > rows ? Infinity : high / rows - expectedRows / of;
}

/** Rows among which a rate of `threshold` shows itself at least once with probability 1 − alpha; 1 without a threshold. */
function minimumRows(threshold: number, alpha: number): number {
  if (!(threshold > 0 && threshold < 1)) return 1;
  return Math.ceil(Math.log(alpha) / Math.log1p(-threshold));
}
