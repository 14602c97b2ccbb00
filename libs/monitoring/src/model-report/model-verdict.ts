import {
  driftMethods,
  type ModelVerdict,
  qualityMetrics,
  type ReportedRetrainingRun,
  type SeriesSummary,
  trafficMetrics,
  type VerdictPart,
} from '@plumbline/contracts';
import { shift, shortNumber, shortPercent } from '../alert-report/short-numbers.js';
import { metricNames } from '../detectors/performance-metrics.js';
import { currentSeries } from './current-series.js';
import { breachRank } from './effect-ratio.js';
import { breachesNow, namesOf } from './model-changes.js';
import { isPerformanceMetric, isWorse, performanceBounds } from './performance-bounds.js';
import { rankFeatures } from './rank-features.js';

export interface VerdictInput {
  readonly model: string;
  /** Everything that was measured in the range, of one segment. */
  readonly summaries: readonly SeriesSummary[];
  readonly runs: readonly ReportedRetrainingRun[];
  /** What stands behind the newest value of a performance metric; undefined where it is not known. */
  readonly evidenceOf: (summary: SeriesSummary) => PerformanceEvidence | undefined;
}

/** Confidence interval of a value, and the share of the predictions that had a label; NaN where they are not defined. */
export interface PerformanceEvidence {
  readonly lower: number;
  readonly upper: number;
  readonly coverage: number;
}

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

/** Returns the state of a model at the end of a range and what happened in it, in one sentence. */
export function modelVerdict({ model, summaries, runs, evidenceOf }: VerdictInput): ModelVerdict {
  if (summaries.length === 0) {
    return { tone: 'neutral', sentence: [`Nothing was measured of ${model} in this time.`] };
  }
  const current = currentSeries(summaries);
  const clauses = [
    driftClause(model, summaries, current),
    ...performanceClause(summaries, current, evidenceOf),
    ...qualityClause(current),
    ...trafficClause(current),
    ...retrainingClause(runs),
  ];
  const now = Math.max(0, ...current.filter(breachesNow).map(({ newest }) => breachRank(newest.severity)));
  const judged = summaries.some(({ newest }) => newest.severity === 'ok' || breachRank(newest.severity) > 0);
  return {
    tone: now === 2 ? 'critical' : now === 1 ? 'warning' : judged ? 'ok' : 'neutral',
    sentence: [...clauses.flatMap((clause, index) => (index === 0 ? clause : ['; ', ...clause])), '.'],
  };
}

function driftClause(
  model: string,
  summaries: readonly SeriesSummary[],
  current: readonly SeriesSummary[],
): VerdictPart[] {
  const drift = summaries.filter(({ method, decides }) => decides && isOneOf(driftMethods, method));
  const features = rankFeatures(drift).filter(({ feature }) => !feature.startsWith('$'));
  const answers = current.filter((each) => breachesNow(each) && each.feature.startsWith('$'));
  const also = answers.length === 0 ? '' : `, and its ${namesOf('drift', answers)} too`;
  if (features.length === 0) return [`no feature of ${model} was compared with a reference`];
  if (features.every((each) => each.current.newest.severity === 'no_reference' && each.worst.breaches === 0)) {
    return [`the features of ${model} have no reference to be compared with`];
  }
  const drifting = features.filter((each) => breachesNow(each.current)).map(({ worst }) => worst);
  const moved = features.map(({ worst }) => worst).filter(({ breaches }) => breaches > 0);
  const count = (of: number): string =>
    `${of} of ${features.length} feature${features.length === 1 ? '' : 's'} of ${model}`;
  if (drifting.length > 0) {
    return [`${count(drifting.length)} moved since `, { dayOfMs: firstBreach(drifting) }, naming(drifting), also];
  }
  if (moved.length > 0) {
    return [
      `${count(moved.length)} moved between `,
      { dayOfMs: firstBreach(moved) },
      ' and ',
      // The window ended with that instant: its day is the one before.
      { dayOfMs: Math.max(...moved.map(({ lastBreachMs }) => lastBreachMs ?? 0)) - 1 },
      naming(moved),
      moved.length === 1 ? ' and is back within its bounds' : ' and are back within their bounds',
      also,
    ];
  }
  const text =
    features.length === 1
      ? `the feature of ${model} did not move`
      : `none of ${features.length} features of ${model} moved`;
  return [text, answers.length === 0 ? '' : `, but its ${namesOf('drift', answers)} did`];
}

function firstBreach(summaries: readonly SeriesSummary[]): number {
  return Math.min(...summaries.map(({ firstBreachMs }) => firstBreachMs ?? Infinity));
}

function naming(summaries: readonly SeriesSummary[]): string {
  return ` (${namesOf('drift', summaries)})`;
}

/** The metric that is worst now; else the one that was worst in the range; else the first that decides. */
function performanceClause(
  summaries: readonly SeriesSummary[],
  current: readonly SeriesSummary[],
  evidenceOf: VerdictInput['evidenceOf'],
): VerdictPart[][] {
  const measured = (of: readonly SeriesSummary[]): SeriesSummary[] =>
    of.filter(({ method, decides }) => decides && isPerformanceMetric(method));
  const now = measured(current).filter(breachesNow).sort(byBadness)[0];
  if (now !== undefined) return [[changeOf(now, 'newest'), inWords(evidenceOf(now))]];
  const past = measured(summaries)
    .filter(({ breaches }) => breaches > 0)
    .sort(byBadness)[0];
  const held = measured(current).find(({ newest }) => Number.isFinite(newest.value) && newest.severity === 'ok');
  if (past !== undefined) {
    const same = measured(current).find(
      ({ method, newest }) => method === past.method && newest.severity === 'ok' && Number.isFinite(newest.value),
    );
    const dip: VerdictPart[] = [changeOf(past, 'worst'), ' on ', { dayOfMs: past.worst.windowEndMs - 1 }];
    return [same === undefined ? dip : [...dip, ` and is ${shortNumber(same.newest.value)} now`]];
  }
  if (held === undefined) {
    const waiting = measured(current).length > 0;
    return waiting ? [['there are too few labels to judge how well it does']] : [];
  }
  return [[`${nameOf(held)} holds at ${shortNumber(held.newest.value)}`, inWords(evidenceOf(held))]];
}

function byBadness(left: SeriesSummary, right: SeriesSummary): number {
  return (
    breachRank(right.worst.severity) - breachRank(left.worst.severity) ||
    right.worst.effect - left.worst.effect ||
    (left.method < right.method ? -1 : 1)
  );
}

function changeOf(summary: SeriesSummary, which: 'newest' | 'worst'): string {
  const { method } = summary;
  const point = summary[which];
  if (!isPerformanceMetric(method)) return '';
  const { reference } = performanceBounds(method, point, undefined);
  if (reference === undefined) return `${nameOf(summary)} is ${shortNumber(point.value)}`;
  // "fell from 0.83 to 0.74".
  const [before = '', after = ''] = shift(reference, point.value).split(' → ');
  const verb = !isWorse(method, point.value, reference) ? 'went' : point.value < reference ? 'fell' : 'rose';
  return `${nameOf(summary)} ${verb} from ${before} to ${after}`;
}

/** " (0.72 to 0.76) with labels for 61 % of the predictions". */
function inWords({ lower, upper, coverage }: PerformanceEvidence = { lower: NaN, upper: NaN, coverage: NaN }): string {
  const interval = Number.isFinite(lower + upper) ? ` (${shortNumber(lower)} to ${shortNumber(upper)})` : '';
  const labels = Number.isFinite(coverage) ? ` with labels for ${shortPercent(coverage)} of the predictions` : '';
  return `${interval}${labels}`;
}

function nameOf({ method }: SeriesSummary): string {
  return isPerformanceMetric(method) ? metricNames[method] : method;
}

function qualityClause(current: readonly SeriesSummary[]): string[][] {
  const bad = current.filter((each) => breachesNow(each) && isOneOf(qualityMetrics, each.method));
  return bad.length === 0 ? [] : [[`bad values in ${namesOf('quality', bad)}`]];
}

function trafficClause(current: readonly SeriesSummary[]): string[][] {
  const out = current.filter((each) => breachesNow(each) && isOneOf(trafficMetrics, each.method));
  return out.length === 0 ? [] : [[`${namesOf('traffic', out)} out of bounds`]];
}

function retrainingClause(runs: readonly ReportedRetrainingRun[]): VerdictPart[][] {
  const last = [...runs].sort((left, right) => right.requestedAtMs - left.requestedAtMs)[0];
  if (last === undefined) return [];
  const day = { dayOfMs: last.updatedAtMs };
  if (last.status === 'verified') return [[`retrained as version ${last.newVersion}, verified on `, day]];
  if (last.status === 'awaiting_approval') return [['a retraining waits for approval since ', day]];
  return [[`retraining ${last.status.replaceAll('_', ' ')} since `, day]];
}
