import type { AlertReportScope, RecentChange } from '@plumbline/contracts';
import type { AlertReportInput, SeriesPresence } from './report-input.js';
import { shortNumber, shortPercent } from './short-numbers.js';

const WEEK_MS = 7 * 86_400_000;
/** Fewer predictions than this say nothing of features that come rarely. */
const MIN_ROWS = 20;
/** A feature that stood in a smaller share of the predictions is one that comes now and then. */
const MIN_SHARE = 0.01;
const MAX_NAMES = 5;

/** Returns what changed in the window or in the weeks before: what a person asks first. Newest first. */
export function recentChanges(scope: AlertReportScope, input: AlertReportInput): RecentChange[] {
  return [...version(scope, input), ...schema(scope, input), ...volume(scope, input), ...retraining(input)].sort(
    (left, right) => right.atMs - left.atMs,
  );
}

function version(scope: AlertReportScope, { versionStartMs, versionsBefore }: AlertReportInput): RecentChange[] {
  if (versionStartMs === undefined) return [];
  const before =
    versionsBefore.length === 0
      ? 'no other version was in use before'
      : `in use before: ${versionsBefore.map((each) => `version ${each}`).join(', ')}`;
  return [{ kind: 'version', atMs: versionStartMs, text: `first prediction of version ${scope.version}; ${before}` }];
}

function schema({ windowStartMs }: AlertReportScope, input: AlertReportInput): RecentChange[] {
  const { predictions, predictionsBefore, presence } = input;
  // Without traffic on either side everything would have come or gone.
  if (predictions < MIN_ROWS || predictionsBefore < MIN_ROWS) return [];
  const came = ({ n, nBefore }: SeriesPresence): boolean => nBefore === 0 && n >= atLeast(predictions);
  const went = ({ n, nBefore }: SeriesPresence): boolean => n === 0 && nBefore >= atLeast(predictionsBefore);
  const turned = ({ n, missing, invalid }: SeriesPresence): boolean =>
    invalid >= atLeast(predictions) && 2 * invalid > n + missing + invalid;
  const groups: [string, SeriesPresence[]][] = [
    ['features with values of another type than before', presence.filter(turned)],
    ['features without values since', presence.filter((each) => went(each) && !turned(each))],
    ['new features', presence.filter((each) => came(each) && !turned(each))],
  ];
  return groups
    .filter(([, series]) => series.length > 0)
    .map(([what, series]) => ({ kind: 'schema', atMs: windowStartMs, text: `${what}: ${names(series)}` }));
}

function atLeast(predictions: number): number {
  return Math.max(MIN_ROWS, MIN_SHARE * predictions);
}

function names(series: readonly SeriesPresence[]): string {
  const shown = series.slice(0, MAX_NAMES).map((each) => each.series);
  return series.length > MAX_NAMES ? `${shown.join(', ')} and ${series.length - MAX_NAMES} more` : shown.join(', ');
}

/** Against the same window a week before where there is one, because weeks repeat; else against the window before. */
function volume(scope: AlertReportScope, input: AlertReportInput): RecentChange[] {
  const { windowStartMs, windowEndMs } = scope;
  const weekly = input.volumeWeekBefore.weight > 0 && windowEndMs - windowStartMs < WEEK_MS;
  const earlier = weekly ? input.volumeWeekBefore : input.volumeBefore;
  const [now, before] = [input.volume.weight, earlier.weight];
  const factor = now / before;
  // Twice as many or half, and more than counts of this size differ by chance; one that stands for ten differs by ten.
  const chance = 4 * Math.sqrt(Math.max(input.volume.weightSquares, earlier.weightSquares));
  const jumped = before > 0 && (factor >= 2 || factor <= 0.5) && Math.abs(now - before) > chance;
  if (!jumped) return [];
  const where = weekly ? 'in the same window a week before' : 'in the window before';
  const change = factor >= 2 ? `${shortNumber(factor, 2)} times as many` : `${shortPercent(factor)} of that`;
  const text = `${shortNumber(now)} predictions, ${shortNumber(before)} ${where}: ${now === 0 ? 'none any more' : change}`;
  return [{ kind: 'volume', atMs: windowStartMs, text }];
}

function retraining({ retraining: run }: AlertReportInput): RecentChange[] {
  if (run === undefined) return [];
  const outcome = run.newVersion === '' ? '' : `, with version ${run.newVersion}`;
  const text = `retraining asked for by policy ${run.policy}: ${run.status.replaceAll('_', ' ')}${outcome}`;
  return [{ kind: 'retraining', atMs: run.requestedAtMs, text }];
}
