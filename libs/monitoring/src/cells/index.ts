export * from './bin-set.js';
export * from './cells-of-columns.js';
export * from './feature-schema.js';
export * from './infer-kind.js';
export * from './latency-bins.js';
export * from './murmur3.js';
export * from './slice-columns.js';
export * from './store-columns.js';
