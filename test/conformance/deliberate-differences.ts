/** Expected values that Plumbline does not give on purpose. `cases` matches names of cases in the file. */
export interface DeliberateDifference {
  /** The tool and what it answers otherwise, for people. */
  readonly what: string;
  readonly oracle: string;
  /** Absent: of the whole file, where its own spec holds the difference. */
  readonly cases?: RegExp;
  readonly reason: string;
}

/**
 * Everything in the oracles that Plumbline answers otherwise, and why. A spec that meets a value which is neither equal nor listed
 * here fails; so does an entry that matches nothing.
 */
export const deliberateDifferences: readonly DeliberateDifference[] = [
  {
    what: 'scipy, KS of samples with NaN',
    oracle: 'scipy_cases',
    cases: /^ks\/nan_raise$/,
    reason:
      'NaN is counted as invalid before a distance is taken; data never raises: the distance of a sample with NaN is NaN',
  },
  {
    what: 'scipy, Wasserstein of samples with infinities on both sides',
    oracle: 'scipy_cases',
    cases: /^wasserstein\/inf_both$/,
    reason:
      'NaN there is inf − inf; the distance to a sample with more weight at infinity is infinite. Infinities are invalid values and counted before',
  },
  {
    what: 'scipy, Wasserstein of an empty sample',
    oracle: 'scipy_cases',
    cases: /^wasserstein\/empty_/,
    reason: 'an empty sample does not raise: the distance is NaN, the measurement says insufficient_data',
  },
  {
    what: 'scipy, χ² with correction=True',
    oracle: 'scipy_cases',
    cases: /^chi2_contingency\/.*\/correction_true$/,
    reason:
      'no Yates correction, by definition of chi2.contingency: it would make the test of two categories another one than that of three',
  },
  {
    what: 'scipy, χ² of a table with an empty row or column',
    oracle: 'scipy_cases',
    cases: /^chi2_contingency\/2x2_zero_(row|col)\/correction_false$/,
    reason: 'a category that nobody has is dropped and an empty sample gives NaN; neither raises',
  },
  {
    what: 'scikit-learn, precision, recall and F1 with zero_division=1',
    oracle: 'scipy_cases',
    cases: /^prf\/.*\/zero_division_1$/,
    reason: 'a ratio without a denominator is 0, as with zero_division=0, of which the cases are equal',
  },
  {
    what: 'scikit-learn, metrics of NaN',
    oracle: 'scipy_cases',
    cases: /^(roc_auc|average_precision)\/nan_score$|^(r2|mape|rmsle)\/nan_pred$/,
    reason: 'a score or value that is NaN is invalid and counted before; nothing raises',
  },
  {
    what: 'scikit-learn, average precision without positives',
    oracle: 'scipy_cases',
    cases: /^average_precision\/single_class_neg$/,
    reason:
      'without a positive label it is not defined: NaN, and the measurement says why; scikit-learn warns and answers 0',
  },
  {
    what: 'scikit-learn, ROC AUC of several classes by pairs (ovo)',
    oracle: 'scipy_cases',
    cases: /^roc_auc_multiclass\/ovo_/,
    reason:
      'of several classes each is compared with the rest (ovr, of which the cases are equal); pairs of classes are not offered',
  },
  {
    what: 'scikit-learn, RMSLE',
    oracle: 'scipy_cases',
    cases: /^rmsle\//,
    reason:
      'not offered: it is not defined for values at or below -1, and MAPE and the quantiles of the error say the same',
  },
  {
    what: 'scikit-learn, Brier score of 1.2',
    oracle: 'scipy_cases',
    cases: /^brier\/out_of_range$/,
    reason: 'a score outside [0, 1] is no probability: its row does not count, and nothing raises',
  },
  {
    what: 'scikit-learn, log loss of one class',
    oracle: 'scipy_cases',
    cases: /^log_loss\/single_class_no_labels$/,
    reason: 'labels of one class alone are judged as they are; the case with the classes given is equal',
  },
  {
    what: 'scikit-learn, Cohen’s kappa',
    oracle: 'scipy_cases',
    reason: 'not offered: the Matthews correlation, of which the cases are equal, says the same',
  },
  {
    what: 'the files exact_*, PSI with bins that are empty in both samples',
    oracle: 'exact_*',
    reason: 'such a bin is dropped, by definition of psi.decile: kept, the smoothing alone adds ½(1/m − 1/n)·ln(n/m)',
  },
  {
    what: 'the files exact_*, χ² with expected counts below 5',
    oracle: 'exact_*',
    reason: 'chi2.contingency pools them; without pooling the numbers are equal',
  },
  {
    what: 'NannyML, KS and Wasserstein of references of 10 000 rows and more',
    oracle: 'nannyml_car_loan_univariate',
    reason:
      'they bin the reference into 10 000 bins of equal width, which one outlier makes useless; ours are those of scipy',
  },
  {
    what: 'NannyML, χ² of two categories',
    oracle: 'nannyml_car_loan_univariate',
    reason: 'they take the Yates correction there; the alerts are the same',
  },
  {
    what: 'NannyML, missing values of a category',
    oracle: 'nannyml_car_loan_quality',
    reason: 'they count as unseen there too; here a value is missing or unseen, not both',
  },
  {
    what: 'NannyML, average precision estimated without labels',
    oracle: 'nannyml_car_loan_cbpe',
    reason:
      'rows of one score are one point of the curve, as in scikit-learn; theirs are in arbitrary order, which moves it by up to 6e-4',
  },
  {
    what: 'Evidently, Anderson–Darling, Cramér–von Mises, the z-test and Student’s t-test',
    oracle: 'evidently_drift',
    reason: 'not offered: KS, Mann–Whitney, χ² and Welch’s test on the same samples are, and are equal to scipy',
  },
  {
    what: 'Evidently, Mann–Whitney',
    oracle: 'evidently_drift',
    reason: 'they ask one side only (alternative="less"); ours asks both, as scipy does by itself',
  },
];

export function deliberateDifference(oracle: string, name: string): DeliberateDifference | undefined {
  return deliberateDifferences.find((entry) => entry.oracle === oracle && entry.cases?.test(name) === true);
}
