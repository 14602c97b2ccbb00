import { type AlertFinding, type AlertView, DRIFT_SHARE } from '@plumbline/contracts';
import { formatNumber, formatPercent, formatPValue } from './format-number.js';
import { formatThreshold, formatValue, methodName, seriesName } from './method-name.js';
import { plain, plainSentence } from './plain.js';

/** Returns what a finding is of: "income", "income in country=DE", "accuracy". */
export function findingName({
  feature,
  segment,
  method,
}: Pick<AlertFinding, 'feature' | 'segment' | 'method'>): string {
  const series = feature === '' ? methodName(method) : seriesName(feature);
  return segment === '' ? plain(series) : `${plain(series)} in ${plain(segment)}`;
}

/** What stands behind a number: what findings and alerts have in common. */
export type Evidence = Pick<AlertFinding, 'method' | 'value' | 'threshold' | 'pValue' | 'nCurrent'> &
  Partial<Pick<AlertFinding, 'nReference' | 'share'>>;

/** Returns the numbers behind a finding, without those that are not defined: "PSI 0.41 (threshold 0.25)", "n 5,000", "p < 0.0001". */
export function evidence({
  method,
  value,
  threshold,
  pValue,
  nCurrent,
  nReference = 0,
  share = NaN,
}: Evidence): string[] {
  const bound = Number.isFinite(threshold) ? ` (threshold ${formatThreshold(method, threshold)})` : '';
  const against = nReference > 0 ? ` against ${formatNumber(nReference)}` : '';
  return [
    ...(Number.isNaN(value) ? [] : [`${methodName(method)} ${formatValue(method, value)}${bound}`]),
    // The volume is its own number of rows, and importance is counted in features.
    ...(nCurrent > 0 && method !== 'volume' && method !== DRIFT_SHARE ? [`n ${formatNumber(nCurrent)}${against}`] : []),
    ...(Number.isNaN(pValue) ? [] : [`p ${formatPValue(pValue)}`]),
    ...(share > 0 ? [`${formatPercent(share)} of the shift`] : []),
  ];
}

/** Returns a finding on one line: what, how it changed, and the numbers behind it. */
export function findingLine(finding: AlertFinding): string {
  const change = finding.change === '' ? [] : [plainSentence(finding.change)];
  return `${findingName(finding)}: ${[...change, ...evidence(finding)].join('; ')}`;
}

/** Returns the name of what an alert is of, as findingName does. */
export function alertName({ labels }: Pick<AlertView, 'labels'>): string {
  return findingName(labels);
}
