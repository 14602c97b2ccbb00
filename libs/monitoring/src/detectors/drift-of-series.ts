import type { DriftMethod, MonitorDeclaration, ReferenceSeries } from '@plumbline/contracts';
import { referenceInWords } from '../references/describe-reference.js';
import type { SeriesData } from '../windows/window-data.js';
import { type DetectorInput, NO_REFERENCE } from './detector-input.js';
import { chanceOfDrift } from './chance-of-drift.js';
import { declaredBounds } from './declared-bounds.js';
import { driftMethodDefinitions } from './drift-methods.js';
import { boundsInView, judgeable } from './judgeable-drift.js';
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
  input: DetectorInput<DriftDeclaration>,
  chooses: (series: string) => boolean,
): RawMeasurement[] {
  const { declaration, profile, lacking = NO_REFERENCE, data } = input;
  if (profile === undefined) {
    return [{ ...undefinedMeasurement, feature: '', method: 'reference', state: 'no_reference', finding: lacking }];
  }
  return profile.series
    .filter(({ series }) => chooses(series))
    .flatMap((reference) => {
      const methods = reference.kind === 'numeric' ? declaration.numeric_methods : declaration.categorical_methods;
      const current = findSeries(data, reference) ?? emptySeries(reference);
      return methods.map((method) => ({
        ...measureSeries(reference, current, method, input),
        referenceId: profile.referenceId,
      }));
    });
}

function measureSeries(
  reference: ReferenceSeries,
  current: SeriesData,
  method: DriftMethod,
  { declaration: { thresholds, alpha }, profile, seriesAlpha = alpha }: DetectorInput<DriftDeclaration>,
): RawMeasurement {
  const definition = driftMethodDefinitions[method];
  const what = `${definition.label} of ${reference.series}`;
  const declared = declaredBounds(method, reference, thresholds);
  const common = {
    ...undefinedMeasurement,
    feature: reference.series,
    method,
    threshold: declared === undefined ? undefined : boundsInView(declared),
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
  if (reference.n === 0) {
    const holder = profile === undefined ? 'the reference' : referenceInWords(profile);
    return { ...common, state: 'insufficient', finding: `${holder} holds no value of ${reference.series}` };
  }
  if (current.invalid > current.n) {
    // Judging the few that fit would call a change of type a drift, and a wider window would judge what came before it.
    const came = current.n + current.invalid;
    const finding = `${what} cannot be judged: ${current.invalid} of ${came} values are of the wrong type (see invalid_rate): send ${reference.kind} values, or declare the feature as what it is`;
    return { ...common, state: 'error', finding };
  }
  if (current.n === 0) return { ...common, state: 'insufficient', finding: `no value of ${reference.series} came` };
  try {
    const pair = { reference, current };
    const distance = definition.distance(pair);
    const { value, errorBound } = distance;
    const found = `${what} is ${inWords(value)} on ${current.n} rows against ${reference.n} of the reference`;
    if (declared === undefined) {
      // What is only recorded is worth no simulation.
      const { effect, pValue } = definition.chance?.(pair, distance) ?? {
        effect: distance.effectSize - errorBound,
        pValue: NaN,
      };
      return { ...common, value, errorBound, effect, pValue, state: 'measured', finding: found };
    }
    const chance = chanceOfDrift(method, definition, pair, distance);
    const { threshold, effect, enough, lacking } = judgeable(
      { method, definition, pair, distance, chance, declared },
      seriesAlpha,
    );
    const result = { ...common, value, errorBound, effect, pValue: chance.pValue, threshold };
    if (!enough) return { ...result, state: 'insufficient', finding: `${found}; ${lacking}` };
    const corrected = value === effect ? '' : ` (${inWords(effect)} beyond chance and bins)`;
    return { ...result, state: 'measured', finding: found + corrected };
  } catch (error) {
    // One bad series costs only itself: counts that do not fit their bins are an error of this measurement, not of the window.
    if (!(error instanceof RangeError)) throw error;
    return { ...common, state: 'error', finding: `${what} could not be computed: ${error.message}` };
  }
}
