export * from './api.module.js';
export * from './http/check-exposure.js';
export * from './http/configure-http.js';
export * from './openapi/create-open-api-document.js';
