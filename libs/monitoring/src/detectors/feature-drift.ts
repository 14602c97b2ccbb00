import { type MonitorDeclaration, PREDICTION_SERIES, SCORE_SERIES } from '@plumbline/contracts';
import type { DetectorInput } from './detector-input.js';
import { measureDrift } from './drift-of-series.js';
import type { RawMeasurement } from './raw-measurement.js';

/** Measures the drift of the features against the reference: all of them, or those the declaration names. */
export function featureDrift(
  input: DetectorInput<Extract<MonitorDeclaration, { detector: 'feature_drift' }>>,
): RawMeasurement[] {
  const { features } = input.declaration;
  return measureDrift(
    input,
    (series) =>
      series !== PREDICTION_SERIES && series !== SCORE_SERIES && (features === undefined || features.includes(series)),
  );
}
