import { z } from 'zod';

/** What a template of a retraining target may name, and what each stands for. */
export const retrainingPlaceholders = {
  run_id: 'id of the run: the idempotency key, 32 hexadecimal digits',
  project: 'project of the model',
  model: 'name of the model',
  version: 'version that the alerts are about',
  policy: 'name of the retraining policy',
  reason: 'why, as a sentence',
  alerts: 'list of alert ids',
  alert_count: 'number of alerts',
  features: 'list of the features that the alerts are about',
  feature_count: 'number of these features',
  requested_at: 'when the run was requested, ISO 8601',
  requested_at_ms: 'the same as a number, milliseconds since 1970',
  callback_url: 'where the pipeline reports without any key: a signed address',
  status_url: 'where the pipeline reports with an API key',
  run_url: 'where the run is read',
} as const;
export type RetrainingPlaceholder = keyof typeof retrainingPlaceholders;

/** A placeholder in a text: two braces, a name, two braces. The first group is the name. */
export const PLACEHOLDER_PATTERN = /\{\{\s*([^{}]*?)\s*\}\}/g;

const MAX_DEPTH = 16;

/** Any JSON in whose texts placeholders may stand; one that is not known is refused, with its place in the value. */
export const templateSchema = z.unknown().superRefine((value, context) => {
  for (const { path, message } of faultsOf(value, [])) context.addIssue({ code: 'custom', path: [...path], message });
});

/** Named values of that kind. */
export const templatesSchema = z.record(z.string().min(1).max(256), templateSchema);

export function isRetrainingPlaceholder(name: string): name is RetrainingPlaceholder {
  return Object.hasOwn(retrainingPlaceholders, name);
}

interface TemplateFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function* faultsOf(value: unknown, path: readonly (string | number)[]): Generator<TemplateFault> {
  if (path.length > MAX_DEPTH) {
    yield { path, message: `is nested more than ${MAX_DEPTH} levels deep` };
  } else if (typeof value === 'string') {
    for (const [written, name = ''] of value.matchAll(PLACEHOLDER_PATTERN)) {
      if (isRetrainingPlaceholder(name)) continue;
      const known = Object.keys(retrainingPlaceholders).join(', ');
      yield { path, message: `${written} is no placeholder: known are ${known}` };
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* faultsOf(item, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* faultsOf(item, [...path, key]);
  }
}
