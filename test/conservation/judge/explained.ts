/** An alert as far as inhibition looks at it. */
export interface InhibitedAlert {
  readonly model: string;
  readonly version: string;
  readonly method: string;
  readonly severity: string;
}

/** Methods by what they are about, in the order in which one explains the next. Written down once more: a judge believes nobody. */
const ORDER: readonly RegExp[] = [
  /^(missing|invalid|unseen|out_of_range)_rate$/,
  /^volume$/,
  /^(psi\.decile|ks|chi2\.contingency|js\.base2|wasserstein\.std|hellinger|tv)$/,
  /^(accuracy|precision|recall|f1|roc_auc|log_loss|brier|mae|rmse|bias)$/,
];

function rankOf({ method, severity }: InhibitedAlert): number {
  return severity === 'no_data' ? 1 : ORDER.findIndex((methods) => methods.test(method));
}

/** Returns whether an alert follows from one that fires, so that nobody is told of it. */
export function isExplained(alert: InhibitedAlert, firing: readonly InhibitedAlert[]): boolean {
  const rank = rankOf(alert);
  const bad = ({ severity }: InhibitedAlert): number => (severity === 'critical' || severity === 'no_data' ? 2 : 1);
  return firing.some((other) => {
    const otherRank = rankOf(other);
    const together = other.model === alert.model && (other.version === alert.version || other.version === '');
    return together && otherRank >= 0 && otherRank < rank && bad(other) >= bad(alert);
  });
}
