export * from './bin-set.js';
export * from './cell-accumulator.js';
export * from './latency-bins.js';
export * from './murmur3.js';
export * from './store-prediction.js';
export * from './feature-schema.js';
