import type { z } from 'zod';
import { Problem, type FieldError } from './problem.js';

/** Returns the value as the schema makes it. @throws Problem of the status, with an error per field */
export function validate<S extends z.ZodType>(schema: S, value: unknown, what: string, status = 400): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(fieldErrors);
  const { field, message } = errors[0]!;
  const first = field === '' ? message : `${field}: ${message}`;
  throw new Problem(status, `${what} is not as it must be: ${first}`, { errors });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...path, key].join('.'),
      message: 'is not a known field: check its spelling, or leave it out',
    }));
  }
  return [{ field: path.join('.'), message: issue.message }];
}
