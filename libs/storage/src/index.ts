export { Store, type StoreOptions } from './store.js';
export { StorageError, type StorageFailure } from './storage-error.js';
export { migrate, pendingMigrations, type Migration } from './migrate.js';
export * from './tables/model.js';
export * from './tables/model-feature.js';
export * from './tables/monitor.js';
