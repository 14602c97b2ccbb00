import type { RetrainingComparison, Severity, Task } from '@plumbline/contracts';
import { inWords } from '../detectors/numbers-in-words.js';
import { comparePaired, compareSideBySide, type MetricComparison, type PairedMetric } from './compare-performance.js';
import { type Answers, comparePredictions } from './compare-predictions.js';

/** An alert that led to the run, and what its monitor last found of the new version. */
export interface RunCause {
  readonly alertId: string;
  /** As in "feature-drift on age". */
  readonly what: string;
  /** undefined when the monitor has not looked at the new version. */
  readonly severity: Severity | undefined;
}

/** All that is known when a run is to be verified. */
export interface VerificationInput {
  readonly oldVersion: string;
  readonly newVersion: string;
  /** The windows of the new version that were looked at. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly current: Answers;
  /** The old version in the same windows. */
  readonly beside: Answers;
  /** The old version as long before the run was requested. */
  readonly before: Answers;
  /** On requests that both answered. */
  readonly paired: readonly PairedMetric[];
  readonly causes: readonly RunCause[];
  readonly task: Task | undefined;
  readonly positiveClass: string | undefined;
  /** Labelled predictions that a comparison takes. */
  readonly leastLabels: number;
}

export interface Verification {
  /** `open`: more data may decide it. */
  readonly verdict: 'verified' | 'rejected' | 'open';
  readonly comparison: RetrainingComparison;
}

/**
 * Returns whether a new version stands: it is not worse than the old one beyond chance, and what led to the run is healed. What is
 * not known is not taken for good. A worse metric, or a cause that stands, decides as soon as there are labels enough.
 */
export function verifyRun(input: VerificationInput): Verification {
  const { oldVersion, newVersion, leastLabels } = input;
  const [mode, metrics, old] = compare(input);
  const causes = input.causes.map(({ alertId, what, severity }) => ({
    alert_id: alertId,
    what,
    state: stateOf(severity),
  }));
  const worse = metrics.filter(({ verdict }) => verdict === 'worse');
  const standing = causes.filter(({ state }) => state === 'standing');
  const unknown = causes.filter(({ state }) => state === 'unknown');
  const lacking: string[] = [];
  if (mode === 'none') {
    const labels = labelsOf(input.current);
    lacking.push(
      labels < leastLabels
        ? `version ${newVersion} has ${labels} labelled predictions of the ${leastLabels} that a comparison takes`
        : `version ${oldVersion} has too few labelled predictions to compare with`,
    );
  }
  if (unknown.length > 0) lacking.push(`it is not known yet whether ${listed(unknown)} is over`);

  const verdict =
    mode !== 'none' && (worse.length > 0 || standing.length > 0)
      ? 'rejected'
      : lacking.length > 0
        ? 'open'
        : 'verified';
  const found = [
    ...metrics.map((metric) => inOneSentence(metric, oldVersion, newVersion, mode)),
    ...(standing.length > 0 ? [`${listed(standing)} stands for version ${newVersion} too.`] : []),
    ...(verdict === 'verified' && causes.length > 0 ? ['What led to the retraining is over.'] : []),
    ...(verdict === 'open' ? [`Not verified: ${lacking.join(', and ')}.`] : []),
  ];
  return {
    verdict,
    comparison: {
      verified: verdict === 'verified',
      sentence: found.join(' '),
      mode,
      old_version: oldVersion,
      new_version: newVersion,
      from: new Date(input.fromMs).toISOString(),
      to: new Date(input.toMs).toISOString(),
      metrics,
      predictions: comparePredictions(old, input.current),
      causes,
    },
  };
}

/** The best comparison that the data allows: the same requests, the same windows, or before and after. */
function compare(
  input: VerificationInput,
): [mode: RetrainingComparison['mode'], metrics: MetricComparison[], old: Answers] {
  const { current, beside, before, paired, task, positiveClass, leastLabels } = input;
  const enough = paired.filter(({ n }) => n >= leastLabels);
  if (enough.length > 0) return ['paired', comparePaired(enough), beside];
  if (labelsOf(current) >= leastLabels) {
    for (const [mode, old] of [
      ['side_by_side', beside],
      ['before_after', before],
    ] as const) {
      if (labelsOf(old) < leastLabels) continue;
      const metrics = compareSideBySide(old.performance, current.performance, task, positiveClass);
      if (metrics.length > 0) return [mode, metrics, old];
    }
  }
  return ['none', [], labelsOf(beside) > 0 || beside.scores.n + beside.values.n > 0 ? beside : before];
}

function labelsOf({ performance }: Answers): number {
  return performance.labelled;
}

function stateOf(severity: Severity | undefined): 'healed' | 'standing' | 'unknown' {
  if (severity === 'ok') return 'healed';
  return severity === 'warning' || severity === 'critical' ? 'standing' : 'unknown';
}

function listed(causes: readonly { readonly what: string }[]): string {
  const named = causes.slice(0, 3).map(({ what }) => what);
  return causes.length > named.length
    ? `${named.join(', ')} and ${causes.length - named.length} more`
    : named.join(', ');
}

const WHERE = {
  paired: 'on the same requests',
  side_by_side: 'in the same windows',
  before_after: 'in the time before the request',
  none: '',
};

function inOneSentence(
  { metric, old, new: current, verdict, p_value: pValue }: MetricComparison,
  oldVersion: string,
  newVersion: string,
  mode: RetrainingComparison['mode'],
): string {
  const words = { better: 'better', worse: 'worse', no_difference: 'no difference beyond chance' }[verdict];
  const chance = pValue === null ? '' : `, p = ${inWords(pValue)}`;
  return `${metric} of version ${newVersion} is ${inWords(current.value)} on ${current.n} labels, of version ${oldVersion} ${inWords(old.value)} on ${old.n} ${WHERE[mode]} (${words}${chance}).`;
}
