export * from './event-stream.js';
export * from './in-process-event-stream.js';
export * from './partition-of-key.js';
export * from './record-codec.js';
export * from './retry-delay.js';
export * from './stream-error.js';
