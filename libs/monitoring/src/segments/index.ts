export * from './rows-of-segments.js';
export * from './segment-name.js';
export * from './segment-values.js';
export * from './selects-segment.js';
