export * from './cells/index.js';
