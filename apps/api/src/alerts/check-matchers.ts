import { compileMatcher } from '@plumbline/monitoring';
import { Problem } from '../http/problem.js';

/** @throws Problem 400 that names the first matcher whose regular expression is none */
export function checkMatchers(matchers: readonly string[]): void {
  for (const [i, text] of matchers.entries()) {
    try {
      compileMatcher(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const field = `matchers.${i}`;
      throw new Problem(400, `${field}: ${error.message}`, {
        errors: [{ field, message: error.message }],
        cause: error,
      });
    }
  }
}
