import { FORBIDDEN_KEYS } from '@plumbline/contracts';
import { Problem } from './problem.js';

/** Returns the value of a JSON text. @throws Problem 400 for anything else, and for keys that pollute prototypes */
export function parseJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text, (key, item: unknown) => {
      if (FORBIDDEN_KEYS.has(key)) throw new Problem(400, `${what} must not hold the key "${key}": rename it`);
      return item;
    });
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, `${what} is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  return value;
}
