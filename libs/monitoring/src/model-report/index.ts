export { currentSeries } from './current-series.js';
export { driftHeatMap } from './drift-heat-map.js';
export { breachRank, effectRatio, isBreach } from './effect-ratio.js';
export { modelChanges, type VersionPresence } from './model-changes.js';
export { modelVerdict, type PerformanceEvidence } from './model-verdict.js';
export { performanceBounds } from './performance-bounds.js';
export { type FeatureRank, rankFeatures } from './rank-features.js';
export { type TimeGrid, timeColumns } from './time-columns.js';
export { usedMethods } from './used-methods.js';
