/** Expected values that Plumbline does not give on purpose. `cases` matches names of cases in the file. */
export interface DeliberateDifference {
  readonly oracle: string;
  readonly cases: RegExp;
  readonly reason: string;
}

/**
 * Everything in the oracles that Plumbline answers otherwise, and why. A spec that meets a value which is neither equal nor listed
 * here fails; so does an entry that matches nothing.
 */
export const deliberateDifferences: readonly DeliberateDifference[] = [
  {
    oracle: 'scipy_cases',
    cases: /^ks\/nan_raise$/,
    reason:
      'NaN is counted as invalid before a distance is taken; data never raises: the distance of a sample with NaN is NaN',
  },
  {
    oracle: 'scipy_cases',
    cases: /^wasserstein\/inf_both$/,
    reason:
      'NaN there is inf − inf; the distance to a sample with more weight at infinity is infinite. Infinities are invalid values and counted before',
  },
  {
    oracle: 'scipy_cases',
    cases: /^wasserstein\/empty_/,
    reason: 'an empty sample does not raise: the distance is NaN, the measurement says insufficient_data',
  },
  {
    oracle: 'scipy_cases',
    cases: /^chi2_contingency\/.*\/correction_true$/,
    reason:
      'no Yates correction, by definition of chi2.contingency: it would make the test of two categories another one than that of three',
  },
  {
    oracle: 'scipy_cases',
    cases: /^chi2_contingency\/2x2_zero_(row|col)\/correction_false$/,
    reason: 'a category that nobody has is dropped and an empty sample gives NaN; neither raises',
  },
  {
    oracle: 'scipy_cases',
    cases: /^prf\/.*\/zero_division_1$/,
    reason: 'a ratio without a denominator is 0, as with zero_division=0, of which the cases are equal',
  },
  {
    oracle: 'scipy_cases',
    cases: /^(roc_auc|average_precision)\/nan_score$|^(r2|mape|rmsle)\/nan_pred$/,
    reason: 'a score or value that is NaN is invalid and counted before; nothing raises',
  },
  {
    oracle: 'scipy_cases',
    cases: /^average_precision\/single_class_neg$/,
    reason:
      'without a positive label it is not defined: NaN, and the measurement says why; scikit-learn warns and answers 0',
  },
  {
    oracle: 'scipy_cases',
    cases: /^roc_auc_multiclass\/ovo_/,
    reason:
      'of several classes each is compared with the rest (ovr, of which the cases are equal); pairs of classes are not offered',
  },
  {
    oracle: 'scipy_cases',
    cases: /^rmsle\//,
    reason:
      'not offered: it is not defined for values at or below -1, and MAPE and the quantiles of the error say the same',
  },
  {
    oracle: 'scipy_cases',
    cases: /^brier\/out_of_range$/,
    reason: 'a score outside [0, 1] is no probability: its row does not count, and nothing raises',
  },
  {
    oracle: 'scipy_cases',
    cases: /^log_loss\/single_class_no_labels$/,
    reason: 'labels of one class alone are judged as they are; the case with the classes given is equal',
  },
];

export function deliberateDifference(oracle: string, name: string): DeliberateDifference | undefined {
  return deliberateDifferences.find((entry) => entry.oracle === oracle && entry.cases.test(name));
}
