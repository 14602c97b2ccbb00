import { z } from 'zod';
import type { Visit } from '../visit.js';

/** The name that a person gives with an action. */
export const authorField = z.string().trim().max(100, 'must have at most 100 characters').default('');

/** Returns who is written down: the name that was given, and the key that it came by. */
export function authorOf({ caller }: Pick<Visit, 'caller'>, given: string): string {
  return given === '' ? caller.name : `${given} (${caller.name})`;
}
