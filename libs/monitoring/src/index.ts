export * from './cells/index.js';
export * from './detectors/index.js';
export * from './identity/stable-id.js';
export * from './notify/index.js';
export * from './windows/index.js';
export * from './alerts/index.js';
export * from './retraining/request-retraining.js';
export * from './retraining/targets/index.js';
