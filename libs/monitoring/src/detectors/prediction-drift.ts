import { type MonitorDeclaration, PREDICTION_SERIES, SCORE_SERIES } from '@plumbline/contracts';
import type { DetectorInput } from './detector-input.js';
import { measureDrift } from './drift-of-series.js';
import type { RawMeasurement } from './raw-measurement.js';

/** Measures the drift of what the model answers, its predictions and scores, against the reference. */
export function predictionDrift(
  input: DetectorInput<Extract<MonitorDeclaration, { detector: 'prediction_drift' }>>,
): RawMeasurement[] {
  return measureDrift(input, (series) => series === PREDICTION_SERIES || series === SCORE_SERIES);
}
