import type { MonitorDeclaration, QualityMetric, ReferenceSeries } from '@plumbline/contracts';
import { twoProportionPValue, wilsonInterval } from '@plumbline/statistics';
import type { SeriesData } from '../windows/window-data.js';
import type { DetectorInput } from './detector-input.js';
import { emptySeries, findSeries } from './find-series.js';
import { lowestBound } from './lowest-bound.js';
import { percent } from './numbers-in-words.js';
import { outOfRange } from './out-of-range.js';
import { type RawMeasurement, undefinedMeasurement } from './raw-measurement.js';

type QualityDeclaration = Extract<MonitorDeclaration, { detector: 'data_quality' }>;

/** Rows at fault among the rows that could be. */
interface Share {
  readonly rows: number;
  readonly of: number;
}

const LABELS: Readonly<Record<QualityMetric, string>> = {
  missing_rate: 'missing',
  invalid_rate: 'of the wrong type',
  unseen_rate: 'of a category the reference does not know',
  out_of_range_rate: 'outside the range of the reference',
};

/**
 * Measures the rates of missing, invalid, unseen and out-of-range values per series; the effect is the increase over the rate in
 * the reference. Without a reference the first two are recorded and nothing is judged.
 */
export function dataQuality({ declaration, profile, data }: DetectorInput<QualityDeclaration>): RawMeasurement[] {
  const { features } = declaration;
  const chosen = (series: string): boolean => features === undefined || features.includes(series);
  if (profile === undefined) {
    return data.series
      .filter(({ series }) => chosen(series))
      .flatMap((current) => [
        recordRate(current, 'missing_rate', missing(current)),
        recordRate(current, 'invalid_rate', invalid(current)),
      ]);
  }
  return profile.series
    .filter(({ series }) => chosen(series))
    .flatMap((reference) => {
      const current = findSeries(data, reference) ?? emptySeries(reference);
      const rates: [QualityMetric, Share, Share][] = [
        ['missing_rate', missing(reference), missing(current)],
        ['invalid_rate', invalid(reference), invalid(current)],
        reference.kind === 'numeric'
          ? ['out_of_range_rate', { rows: 0, of: reference.n }, { rows: outOfRange(reference, current), of: current.n }]
          : ['unseen_rate', { rows: 0, of: reference.n }, { rows: current.counts.at(-1) ?? 0, of: current.n }],
      ];
      return rates.map(([metric, before, now]) => ({
        ...compareRates(reference, metric, before, now, declaration),
        nMissing: current.missing,
        referenceId: profile.referenceId,
      }));
    });
}

function missing(counts: SeriesData | ReferenceSeries): Share {
  return { rows: counts.missing, of: counts.n + counts.missing + counts.invalid };
}

function invalid(counts: SeriesData | ReferenceSeries): Share {
  return { rows: counts.invalid, of: counts.n + counts.missing + counts.invalid };
}

function recordRate(current: SeriesData, metric: QualityMetric, now: Share): RawMeasurement {
  const finding = `${percent(now.rows / now.of)} of ${now.of} values of ${current.series} are ${LABELS[metric]}; there is no reference to compare with`;
  return {
    ...undefinedMeasurement,
    feature: current.series,
    method: metric,
    value: now.rows / now.of,
    nCurrent: now.of,
    nMissing: current.missing,
    state: now.of === 0 ? 'insufficient' : 'measured',
    finding,
  };
}

function compareRates(
  reference: ReferenceSeries,
  metric: QualityMetric,
  before: Share,
  now: Share,
  { thresholds, alpha }: QualityDeclaration,
): RawMeasurement {
  const threshold = thresholds[metric];
  const common = {
    ...undefinedMeasurement,
    feature: reference.series,
    method: metric,
    threshold,
    nReference: before.of,
    nCurrent: now.of,
  };
  if (before.of === 0)
    return { ...common, state: 'insufficient', finding: `the reference holds no value of ${reference.series}` };
  if (now.of === 0) return { ...common, state: 'insufficient', finding: `no value of ${reference.series} came` };
  const value = now.rows / now.of;
  const usual = before.rows / before.of;
  const finding = `${percent(value)} of ${now.of} values of ${reference.series} are ${LABELS[metric]}, against ${percent(usual)} in the reference`;
  const measured = {
    ...common,
    ...wilsonInterval(now.rows, now.of, 1 - alpha),
    value,
    effect: value - usual,
    errorBound: 0,
    pValue: twoProportionPValue(before.rows, before.of, now.rows, now.of),
  };
  const minimum = minimumRows(lowestBound(threshold), alpha);
  if (now.of < minimum) {
    return {
      ...measured,
      state: 'insufficient',
      finding: `${finding}; it takes ${minimum} rows to see a rate of ${percent(lowestBound(threshold))}`,
    };
  }
  return { ...measured, state: 'measured', finding };
}

/** Rows among which a rate of `threshold` shows itself at least once with probability 1 − alpha; 1 without a threshold. */
function minimumRows(threshold: number, alpha: number): number {
  if (!(threshold > 0 && threshold < 1)) return 1;
  return Math.ceil(Math.log(alpha) / Math.log1p(-threshold));
}
