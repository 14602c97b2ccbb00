export { createReference, InvalidReferenceError, type ReferenceRequest } from './create-reference.js';
export { referencePerformance } from './reference-performance.js';
export { segmentProfile } from './segment-profile.js';
