import type { AlertSubject, AlertView, Severity } from '@plumbline/contracts';

/** What follows from what: a fault of an earlier one explains alerts on the later ones. Service stands by itself. */
const ORDER: readonly AlertSubject[] = ['schema', 'volume', 'drift', 'performance'];
const BADNESS: Readonly<Record<Severity, number>> = {
  ok: 0,
  insufficient_data: 0,
  no_reference: 0,
  warning: 1,
  error: 1,
  no_data: 2,
  critical: 2,
};

/** Returns how bad a severity is: 0 for none, then warning, then critical. */
export function badness(severity: Severity): number {
  return BADNESS[severity];
}

/**
 * Returns why an alert that fires is not told of, in words: it follows from a worse one; undefined when it does not. Within one model,
 * and version where both have one, schema explains volume, drift and performance, and so on; an alert is not explained by one that is
 * less severe. While events of the model wait to be counted nothing is said about drift.
 * @param firing all alerts that fire
 */
export function inhibitionOf(
  alert: AlertView,
  firing: readonly AlertView[],
  lateModels: ReadonlySet<string>,
): string | undefined {
  const { labels, severity } = alert;
  if (labels.subject === 'drift' && lateModels.has(labels.model)) {
    return 'events of the model wait to be counted (pipeline late)';
  }
  const rank = ORDER.indexOf(subjectIn(alert));
  if (rank < 1) return undefined;
  const cause = firing.find((other) => {
    const otherRank = ORDER.indexOf(subjectIn(other));
    const together =
      other.labels.project === labels.project &&
      other.labels.model === labels.model &&
      (other.labels.version === labels.version || other.labels.version === '' || labels.version === '');
    return otherRank >= 0 && otherRank < rank && together && badness(severity) <= badness(other.severity);
  });
  return cause && `the alert of ${cause.labels.monitor} on ${cause.labels.subject}`;
}

function subjectIn({ labels }: AlertView): AlertSubject {
  return labels.subject as AlertSubject;
}
