export * from './app.module.js';
export * from './check-start.js';
export * from './open-platform.js';
export * from './platform.js';
export * from './reconcile.js';
export * from './role.js';
export * from './run-process.js';
export * from './version.js';
