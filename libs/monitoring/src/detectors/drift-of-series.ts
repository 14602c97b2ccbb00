import type { DriftMethod, MonitorDeclaration, ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData } from '../windows/window-data.js';
import { type DetectorInput, NO_REFERENCE } from './detector-input.js';
import { driftMethodDefinitions } from './drift-methods.js';
import { lowestBound } from './lowest-bound.js';
import { inWords } from './numbers-in-words.js';
import { type RawMeasurement, undefinedMeasurement } from './raw-measurement.js';
import { emptySeries, findSeries } from './find-series.js';

export type DriftDeclaration = Extract<MonitorDeclaration, { detector: 'feature_drift' | 'prediction_drift' }>;

/**
 * Measures the drift of some series of the reference by all methods of the declaration, each series on its own: what is wrong
 * with one is reported there. Without a reference there is one measurement, which says so.
 * @param chooses which series of the reference are looked at
 */
export function measureDrift(
  { declaration, profile, lacking = NO_REFERENCE, data }: DetectorInput<DriftDeclaration>,
  chooses: (series: string) => boolean,
): RawMeasurement[] {
  if (profile === undefined) {
    return [{ ...undefinedMeasurement, feature: '', method: 'reference', state: 'no_reference', finding: lacking }];
  }
  return profile.series
    .filter(({ series }) => chooses(series))
    .flatMap((reference) => {
      const methods = reference.kind === 'numeric' ? declaration.numeric_methods : declaration.categorical_methods;
      const current = findSeries(data, reference) ?? emptySeries(reference);
      return methods.map((method) => ({
        ...measureSeries(reference, current, method, declaration),
        referenceId: profile.referenceId,
      }));
    });
}

function measureSeries(
  reference: ReferenceSeries,
  current: SeriesData,
  method: DriftMethod,
  { thresholds, alpha }: DriftDeclaration,
): RawMeasurement {
  const definition = driftMethodDefinitions[method];
  const threshold = thresholds[method];
  const what = `${definition.label} of ${reference.series}`;
  const common = {
    ...undefinedMeasurement,
    feature: reference.series,
    method,
    threshold,
    nReference: reference.n,
    nCurrent: current.n,
    nMissing: current.missing,
  };
  if (definition.ordered && reference.kind !== 'numeric') {
    return {
      ...common,
      state: 'error',
      finding: `${what} is not defined: the values of a ${reference.kind} feature have no order`,
    };
  }
  if (reference.n === 0)
    return { ...common, state: 'insufficient', finding: `the reference holds no value of ${reference.series}` };
  if (current.n === 0) return { ...common, state: 'insufficient', finding: `no value of ${reference.series} came` };
  try {
    const pair = { reference, current };
    const distance = definition.distance(pair);
    const { effect, pValue } = definition.chance?.(pair, distance) ?? {
      effect: distance.effectSize - distance.errorBound,
      pValue: NaN,
    };
    const result = { value: distance.value, errorBound: distance.errorBound, effect, pValue };
    const minimum = threshold === undefined ? 1 : definition.minimumCurrent(lowestBound(threshold), alpha, pair);
    const found = `${what} is ${inWords(result.value)} on ${current.n} rows against ${reference.n} of the reference`;
    if (current.n < minimum) {
      const needs = Number.isFinite(minimum)
        ? `it takes ${minimum} rows to tell ${lowestBound(threshold)} from chance`
        : `the reference is too small to tell ${lowestBound(threshold)} from chance`;
      return { ...common, ...result, state: 'insufficient', finding: `${found}; ${needs}` };
    }
    const corrected = result.value === result.effect ? '' : ` (${inWords(result.effect)} beyond chance and bins)`;
    return { ...common, ...result, state: 'measured', finding: found + corrected };
  } catch (error) {
    // One bad series costs only itself: counts that do not fit their bins are an error of this measurement, not of the window.
    if (!(error instanceof RangeError)) throw error;
    return { ...common, state: 'error', finding: `${what} could not be computed: ${error.message}` };
  }
}
