import { MAX_BODY_BYTES } from './poison.js';

/** Settings of the service under test that differ from their defaults. */
export const serviceSettings: Readonly<Record<string, string>> = {
  PLUMBLINE_EVALUATION_TICK: '1s',
  PLUMBLINE_ALERTING_SCAN: '2s',
  PLUMBLINE_EVALUATION_CATCH_UP: '3650d',
  PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
  PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
  PLUMBLINE_INTAKE_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
  PLUMBLINE_LOG_LEVEL: 'warn',
};
