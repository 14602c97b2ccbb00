import type { DriftMethod, ReferenceSeries } from '@plumbline/contracts';
import { murmur3 } from '../cells/murmur3.js';
import type { DriftMethodDefinition } from './drift-methods.js';
import { SimulatedNull } from './simulated-null.js';

/** Each takes about 10 kB. */
const KEPT = 4_000;
const STEPS_PER_DOUBLING = 2;

const kept = new Map<string, SimulatedNull>();

/**
 * Returns the simulated distribution of a distance for windows of at least roughly `rows` rows, from memory where it was made before.
 * Rows are rounded down to steps of a factor of √2, which errs on the side of silence: fewer rows spread wider.
 *
 * It stands for what the reference holds, not for its id: segments share the id but not the counts.
 */
export function nullOfDrift(
  method: DriftMethod,
  definition: DriftMethodDefinition,
  reference: ReferenceSeries,
  rows: number,
): SimulatedNull {
  const step = Math.floor(Math.log2(rows) * STEPS_PER_DOUBLING + 1e-9);
  const content = murmur3(`${reference.counts.join()}|${reference.std}|${reference.min}|${reference.max}`);
  const key = `${method}|${reference.binSetId}|${reference.n}|${content}|${step}`;
  const known = kept.get(key);
  if (known !== undefined) {
    // Used again, so the last to be forgotten.
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const made = new SimulatedNull(method, definition, reference, Math.ceil(2 ** (step / STEPS_PER_DOUBLING)), key);
  kept.set(key, made);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return made;
}
