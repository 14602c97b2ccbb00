import { deeperThan } from './deeper-than.js';

/** Deeper than any event, and far from what JSON.stringify can descend to before the call stack ends. */
const KEPT_DEPTH = 64;

/** Returns the parsed JSON value, with null for what lies too deep in it to be written again. */
export function withoutDepths(value: unknown): unknown {
  return deeperThan(value, KEPT_DEPTH) ? cutBelow(value, KEPT_DEPTH) : value;
}

function cutBelow(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((item) => cutBelow(item, depth - 1));
  const cut: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    // Assigning "__proto__" would hide it.
    Object.defineProperty(cut, name, { value: cutBelow(item, depth - 1), enumerable: true });
  }
  return cut;
}
