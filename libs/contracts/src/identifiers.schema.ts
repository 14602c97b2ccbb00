import { z } from 'zod';

export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Project, model, version, monitor, receiver and policy names: what may stand in a URL and in a message without escaping. */
export const nameSchema = z
  .string()
  .regex(NAME_PATTERN, 'must be 1 to 128 letters, digits, ".", "_" or "-", starting with a letter or digit');

/** Version used when a prediction, a reference or a request names none. */
export const DEFAULT_VERSION = '1';

/** Project of a server that runs without API keys. */
export const DEFAULT_PROJECT = 'default';

export const MAX_PREDICTION_ID_LENGTH = 256;
export const MAX_FEATURE_NAME_LENGTH = 256;

/**
 * Series of a model that are cells like any feature but no feature: what the model answered.
 * "$" cannot start a feature name, so they never collide with one.
 */
export const PREDICTION_SERIES = '$prediction';
export const SCORE_SERIES = '$score';
