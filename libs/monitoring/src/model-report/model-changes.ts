import {
  driftMethods,
  type ModelChange,
  performanceMetrics,
  qualityMetrics,
  type ReportedRetrainingRun,
  type SeriesSummary,
  trafficMetrics,
} from '@plumbline/contracts';
import { metricNames } from '../detectors/performance-metrics.js';
import { shift, shortNumber, shortPercent } from '../alert-report/short-numbers.js';
import { breachRank, isBreach } from './effect-ratio.js';
import { isPerformanceMetric, performanceBounds } from './performance-bounds.js';

/** When a version of the model was first and last seen in the range. */
export interface VersionPresence {
  readonly version: string;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Whether it answered from the first of the traffic on, and up to the last. */
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

export interface ModelChangesInput {
  readonly summaries: readonly SeriesSummary[];
  readonly versions: readonly VersionPresence[];
  readonly runs: readonly ReportedRetrainingRun[];
  /** References that were made in the range. */
  readonly references: readonly { readonly version: string; readonly rows: number; readonly createdAtMs: number }[];
}

type Kind = Extract<ModelChange['kind'], 'drift' | 'quality' | 'performance' | 'traffic'>;

const KINDS = new Map<string, Kind>([
  ...driftMethods.map((method) => [method, 'drift'] as const),
  ...qualityMetrics.map((metric) => [metric, 'quality'] as const),
  ...performanceMetrics.map((metric) => [metric, 'performance'] as const),
  ...trafficMetrics.map((metric) => [metric, 'traffic'] as const),
]);
const MAX_NAMES = 4;

/** Returns what changed in a range, oldest first: what left its bounds and came back, versions, references, retraining. */
export function modelChanges({ summaries, versions, runs, references }: ModelChangesInput): ModelChange[] {
  const changes = [
    ...ofSeries(summaries),
    ...versions.flatMap(ofVersion),
    ...references.map(({ version, rows, createdAtMs }): ModelChange => ({
      kind: 'reference',
      atMs: createdAtMs,
      tone: 'info',
      text: `reference made for ${version === '' ? 'the model' : `version ${version}`}: ${shortNumber(rows)} rows`,
    })),
    ...runs.flatMap(ofRun),
  ];
  return changes.sort((left, right) => left.atMs - right.atMs);
}

/** Series of one kind that left their bounds in the same window are one change. */
function ofSeries(summaries: readonly SeriesSummary[]): ModelChange[] {
  const groups = new Map<
    string,
    { kind: Kind; atMs: number; over: boolean; version: string; series: SeriesSummary[] }
  >();
  const add = (kind: Kind, atMs: number, over: boolean, summary: SeriesSummary): void => {
    const key = JSON.stringify([kind, atMs, over, summary.version]);
    const group = groups.get(key) ?? { kind, atMs, over, version: summary.version, series: [] };
    groups.set(key, group);
    group.series.push(summary);
  };
  for (const summary of summaries) {
    const kind = KINDS.get(summary.method);
    const { firstBreachMs, lastBreachMs, newest, decides } = summary;
    if (kind === undefined || !decides || firstBreachMs === undefined || lastBreachMs === undefined) continue;
    add(kind, firstBreachMs, false, summary);
    // A series that has ended with its version is not healed.
    if (newest.severity === 'ok' && newest.windowEndMs > lastBreachMs) add(kind, lastBreachMs, true, summary);
  }
  return [...groups.values()].map(({ kind, atMs, over, version, series }): ModelChange => {
    const worst = Math.max(...series.map((each) => breachRank(each.worst.severity)));
    const of = ` (version ${version})`;
    return over
      ? { kind, atMs, tone: 'ok', text: `${namesOf(kind, series)} back within bounds${of}` }
      : { kind, atMs, tone: worst === 2 ? 'critical' : 'warning', text: `${leftBounds(kind, series)}${of}` };
  });
}

function leftBounds(kind: Kind, series: readonly SeriesSummary[]): string {
  switch (kind) {
    case 'drift':
      return `${namesOf(kind, series)} drifted`;
    case 'quality':
      return `bad values: ${namesOf(kind, series)}`;
    case 'performance':
    case 'traffic':
      return series.slice(0, MAX_NAMES).map(sizeOf).join(', ');
  }
}

/** "accuracy 0.83 → 0.74", "error rate 12 %". */
function sizeOf({ method, worst }: SeriesSummary): string {
  if (worst.severity === 'no_data' || Number.isNaN(worst.value)) return `${nameOf(method)} not known`;
  if (!isPerformanceMetric(method)) return `${nameOf(method)} ${valueOf(method, worst.value)}`;
  const { reference } = performanceBounds(method, worst, undefined);
  return `${nameOf(method)} ${reference === undefined ? shortNumber(worst.value) : shift(reference, worst.value)}`;
}

function valueOf(method: string, value: number): string {
  return method.endsWith('_rate') ? shortPercent(value) : `${shortNumber(value)}${method.endsWith('_ms') ? ' ms' : ''}`;
}

function nameOf(method: string): string {
  if (isPerformanceMetric(method)) return metricNames[method];
  return method.replace(/_ms$/, '').replaceAll('_', ' ');
}

/** Names of what the series are of, the first few. */
export function namesOf(kind: Kind, series: readonly SeriesSummary[]): string {
  const names = [
    ...new Set(
      series.map(({ feature, method }) => {
        if (feature === '') return nameOf(method);
        const name = feature === '$prediction' ? 'predictions' : feature === '$score' ? 'scores' : feature;
        return kind === 'quality' ? `${name} (${QUALITY[method] ?? method})` : name;
      }),
    ),
  ];
  const shown = names.slice(0, MAX_NAMES).join(', ');
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}

const QUALITY: Readonly<Record<string, string>> = {
  missing_rate: 'missing',
  invalid_rate: 'wrong type',
  unseen_rate: 'unseen categories',
  out_of_range_rate: 'out of range',
};

function ofVersion({ version, firstMs, lastMs, fromStart, toEnd }: VersionPresence): ModelChange[] {
  const change = (atMs: number, text: string): ModelChange => ({ kind: 'version', atMs, tone: 'info', text });
  return [
    ...(fromStart ? [] : [change(firstMs, `version ${version} makes its first predictions`)]),
    ...(toEnd ? [] : [change(lastMs, `version ${version} makes its last predictions`)]),
  ];
}

function ofRun({ policy, status, newVersion, requestedAtMs, updatedAtMs }: ReportedRetrainingRun): ModelChange[] {
  const asked: ModelChange = {
    kind: 'retraining',
    atMs: requestedAtMs,
    tone: 'info',
    text: `retraining asked for by policy ${policy}`,
  };
  if (updatedAtMs <= requestedAtMs || ['requested', 'awaiting_approval'].includes(status)) return [asked];
  const failed = ['failed', 'timed_out', 'rejected'].includes(status);
  const outcome = `retraining by policy ${policy}: ${status.replaceAll('_', ' ')}`;
  return [
    asked,
    {
      kind: 'retraining',
      atMs: updatedAtMs,
      tone: failed ? 'warning' : status === 'verified' ? 'ok' : 'info',
      text: newVersion === '' ? outcome : `${outcome}, with version ${newVersion}`,
    },
  ];
}

/** Whether a summary is at a bound in its newest window. */
export function breachesNow(summary: SeriesSummary): boolean {
  return summary.decides && isBreach(summary.newest.severity);
}
