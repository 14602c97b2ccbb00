import type { Detector, MonitorDeclaration } from '@plumbline/contracts';
import type { Detect } from './detector-input.js';
import { dataQuality } from './data-quality.js';
import { featureDrift } from './feature-drift.js';
import { performance } from './performance.js';
import { predictionDrift } from './prediction-drift.js';
import { traffic } from './traffic.js';

/** All detectors, by the name that declarations use. */
export const detectors: { readonly [D in Detector]: Detect<Extract<MonitorDeclaration, { detector: D }>> } = {
  feature_drift: featureDrift,
  prediction_drift: predictionDrift,
  data_quality: dataQuality,
  performance,
  traffic,
};
