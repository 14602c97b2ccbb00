import { z } from 'zod';

/** Names a model. */
export interface ModelKey {
  readonly project: string;
  readonly model: string;
}

/** A subquery of the models asked for, to stand in `(project, model) IN (…)`. */
export const MODEL_KEYS = `SELECT key.1, key.2 FROM (SELECT arrayJoin(arrayZip({projects:Array(String)}, {models:Array(String)})) AS key)`;

export const modelKeyParams = z.object({ projects: z.array(z.string()), models: z.array(z.string()) });

export function bindModelKeys(keys: readonly ModelKey[]): z.input<typeof modelKeyParams> {
  return { projects: keys.map(({ project }) => project), models: keys.map(({ model }) => model) };
}
