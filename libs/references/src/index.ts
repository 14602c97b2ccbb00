export { type ComparedData, type Comparison, Comparisons } from './comparisons.js';
export { type BinsPeriod, chooseBinsPeriod, type HourlyTraffic } from './choose-bins-period.js';
export { createReference, InvalidReferenceError, type ReferenceRequest } from './create-reference.js';
export { loadMovingReference, type MovingReferenceParts } from './load-moving-reference.js';
export { readMovingReferences, readReference } from './read-reference.js';
export { referencePerformance } from './reference-performance.js';
export { segmentProfile } from './segment-profile.js';
export { WindowDataReader, type WindowParts } from './window-data-reader.js';
