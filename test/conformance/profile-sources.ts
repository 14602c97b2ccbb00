import type { MethodId } from '@plumbline/statistics';

/** What each profile is held against: computed in Python by test/golden/make_conformance_golden.py. */
export const profileSources: Readonly<Record<MethodId, string>> = {
  'psi.decile': '`numpy.quantile`, `searchsorted`, and the formula',
  'psi.evidently': '`numpy.histogram_bin_edges("sturges")`, the rule for zeros of Evidently 0.7.23',
  'psi.equal-width-30': '`numpy.linspace`, and the formula',
  'psi.hopsworks': '`numpy.quantile`, and the formula',
  ks: '`scipy.stats.ks_2samp`',
  'wasserstein.std': '`scipy.stats.wasserstein_distance`, σ in exact fractions',
  'wasserstein.raw': '`scipy.stats.wasserstein_distance`',
  'js.base2': '`scipy.special.rel_entr`, `scipy.spatial.distance.jensenshannon`',
  'js.e': '`scipy.special.rel_entr`, `scipy.spatial.distance.jensenshannon`',
  'js.divergence': '`scipy.special.rel_entr`, `scipy.spatial.distance.jensenshannon`',
  'js.doane': '`numpy.histogram_bin_edges("doane")`, as NannyML 0.13.1',
  'chi2.contingency': '`scipy.stats.chi2_contingency(correction=False)`',
  'chi2.gof': 'the formula, `scipy.stats.chi2.sf`',
  hellinger: 'the formula',
  kl: '`scipy.special.rel_entr`',
  tv: 'the formula',
  linf: 'the formula',
  'mean-shift': 'exact fractions; p: Welch, `scipy.stats.t.sf`',
  'mann-whitney': '`scipy.stats.mannwhitneyu`',
};
