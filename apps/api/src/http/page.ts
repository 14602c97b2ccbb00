import { z } from 'zod';
import { Problem } from './problem.js';

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('items in a page'),
  cursor: z.string().max(2_000).optional().describe('`next_cursor` of the page before; absent for the first'),
};

/** Schema of a page of items. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable().describe('null on the last page') });
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** Returns the position that a cursor stands for. @throws Problem 400 when it is not one of ours */
export function readCursor<S extends z.ZodType>(cursor: string | undefined, position: S): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(400, 'the cursor is none that this server gave: start again without it', {
      errors: [{ field: 'cursor', message: 'must be the next_cursor of a page before' }],
    });
  }
}

/**
 * Cuts a list that was read with one item more than the page holds.
 * @param positionOf what the next page starts after
 */
export function toPage<T, R>(
  found: readonly T[],
  limit: number,
  toReply: (item: T) => R,
  positionOf: (item: T) => unknown,
): Page<R> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return {
    items: items.map(toReply),
    next_cursor: more ? Buffer.from(JSON.stringify(positionOf(last))).toString('base64url') : null,
  };
}
