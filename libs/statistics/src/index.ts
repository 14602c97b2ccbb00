export { averagePrecision, averagePrecisionInterval } from './average-precision.js';
export { benjaminiHochberg } from './benjamini-hochberg.js';
export { binIndex } from './bin-index.js';
export { binLookup } from './bin-lookup.js';
export type { BinnedPair, BinnedReference, BinnedSample } from './binned-pair.js';
export { liesOnEdges, momentsOfSums } from './binned-pair.js';
export { bonferroni } from './bonferroni.js';
export { calibrationError, type CalibrationBin } from './calibration-error.js';
export { chiSquareCritical, chiSquareSurvival } from './chi-square.js';
export { chiSquareContingency, type ChiSquareContingency } from './chi-square-contingency.js';
export { chiSquareGoodnessOfFit, type ChiSquareGoodnessOfFit } from './chi-square-goodness-of-fit.js';
export { coalesce } from './coalesce.js';
export { type ClassEstimates, confusionEstimates, type ConfusionEstimates } from './confusion-intervals.js';
export {
  type ClassRates,
  type ClassTally,
  classTallies,
  type ConfusionCell,
  confusionMetrics,
  type ConfusionMetrics,
} from './confusion-metrics.js';
export { energyDistance } from './energy-distance.js';
export { combineEstimates, type Estimate } from './estimate.js';
export { estimatedPerformance, type EstimatedPerformance } from './estimated-performance.js';
export { hellingerDistance } from './hellinger-distance.js';
export { histogramCounts } from './histogram-counts.js';
export { histogramEdges, type HistogramRule } from './histogram-edges.js';
export { infinityDistance } from './infinity-distance.js';
export { isotonicRegression, isotonicValue, type IsotonicFit } from './isotonic-regression.js';
export { jensenShannonDistance } from './jensen-shannon-distance.js';
export { kolmogorovLimitSurvival } from './kolmogorov-survival.js';
export { ksFromBins } from './ks-from-bins.js';
export { ksFromCounts } from './ks-from-counts.js';
export { kolmogorovLimitCritical, ksMinimumCurrent } from './ks-minimum-current.js';
export { ksPValue } from './ks-p-value.js';
export { ksTwoSample } from './ks-two-sample.js';
export { kullbackLeibler } from './kullback-leibler.js';
export { LOG_BIN_RATIO, type LogBin, logBinQuantile, ZERO_BIN } from './log-bins.js';
export { mannWhitney, mannWhitneyFromCounts, type MannWhitney } from './mann-whitney.js';
export { coarseCounts } from './methods/coarse-counts.js';
export { compareBins } from './methods/compare-bins.js';
export { compareSamples, type SampleComparison, type SampleSize } from './methods/compare-samples.js';
export { findMethod, UnknownMethodError } from './methods/find-method.js';
export type { Distance, Method, SampleKind, TestedDistance } from './methods/method.js';
export { type MethodId, methodIds, methods } from './methods/methods.js';
export { normalQuantile, normalSurvival } from './normal.js';
export { populationStabilityIndex } from './population-stability-index.js';
export { psiCritical, psiMinimumCurrent, psiNull, psiPValue } from './psi-null.js';
export { psiWithAddedShare } from './psi-with-added-share.js';
export { psiWithReplacedZeros } from './psi-with-replaced-zeros.js';
export { quantileEdges, quantileFromNeighbours, quantilePosition } from './quantile-edges.js';
export { type RegressionEstimates, regressionEstimates, type RegressionSums } from './regression-estimates.js';
export { regularizedBeta } from './regularized-beta.js';
export { regularizedGammaP, regularizedGammaQ } from './regularized-gamma.js';
export { rocAucDeviation } from './roc-auc-deviation.js';
export { rocAucEstimate } from './roc-auc-estimate.js';
export { rocAucFromBins } from './roc-auc-from-bins.js';
export { rocAucInterval } from './roc-auc-interval.js';
export { rowsForScale } from './rows-for-scale.js';
export { sampleMoments, type SampleMoments } from './sample-moments.js';
export { signTestPValue } from './sign-test.js';
export { studentSurvival } from './student-t.js';
export { totalVariation } from './total-variation.js';
export { twoProportionPValue } from './two-proportion-p-value.js';
export { wassersteinFromBinned } from './wasserstein-from-binned.js';
export { wassersteinFromBins } from './wasserstein-from-bins.js';
export { wassersteinFromSorted } from './wasserstein-from-sorted.js';
export { welchPValue } from './welch-test.js';
export { wilsonInterval } from './wilson-interval.js';
