export * from './importance-of.js';
export * from './weigh-by-importance.js';
