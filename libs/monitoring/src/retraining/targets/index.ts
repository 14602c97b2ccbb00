export * from './call-headers.js';
export * from './encode-body.js';
export * from './protocol-of-target.js';
export * from './read-json.js';
export * from './read-target-answer.js';
export * from './render-retraining-request.js';
export * from './target-auth.js';
export * from './target-protocol.js';
