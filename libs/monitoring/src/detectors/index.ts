export { defaultMonitors } from './default-monitors.js';
export type { Detect, DetectorInput } from './detector-input.js';
export { judge, type JudgementFrame } from './judge.js';
export { measure } from './measure.js';
export { monitorsOf } from './monitors-of.js';
export { performanceEstimates } from './performance-metrics.js';
export type { PlacedMeasurement, RawMeasurement } from './raw-measurement.js';
export { needsWidening, takeWider } from './widen.js';
