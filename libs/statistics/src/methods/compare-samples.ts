import { findMethod } from './find-method.js';
import type { SampleKind, TestedDistance } from './method.js';
import {
  categoryTypeOf,
  type Category,
  kindOfSample,
  readCategories,
  readNumbers,
  type Sample,
} from './read-sample.js';

export interface SampleSize {
  /** Values that were compared. */
  readonly n: number;
  readonly missing: number;
  /** Values of the wrong type, NaN and infinities. */
  readonly invalid: number;
}

export interface SampleComparison extends TestedDistance {
  readonly method: string;
  readonly kind: SampleKind;
  readonly reference: SampleSize;
  readonly current: SampleSize;
  /** Why `value` is NaN or infinite; absent where it is neither. */
  readonly reason?: string;
}

/**
 * Returns how far the current sample is from the reference by a method, from the raw values.
 *
 * Values may be numbers (numeric) or texts or booleans (categorical); `kind` 'categorical' makes every number a category of its own. The first
 * value of the reference says of which type a sample is. null and undefined are missing; NaN, infinities and values of another type
 * are invalid; both are counted and left out, so this never throws for data. Without a value on either side the result is NaN with a reason.
 * Categories are compared character by character: composed and decomposed letters differ. The samples are not changed. O(n log n).
 * @throws UnknownMethodError
 * @throws RangeError when the method is not for this kind of values
 * @example compareSamples('psi.decile', [1, 2, 3, 4], [2, 3, 4, 5]).value
 */
export function compareSamples(
  methodId: string,
  reference: Iterable<unknown>,
  current: Iterable<unknown>,
  options: { readonly kind?: SampleKind } = {},
): SampleComparison {
  const method = findMethod(methodId);
  const kind = options.kind ?? kindOfSample(reference);
  const compareNumbers = kind === 'numeric' ? method.ofNumbers : undefined;
  const compareCategories = kind === 'categorical' ? method.ofCategories : undefined;
  if (compareNumbers !== undefined) {
    const [left, right] = [readNumbers(reference), readNumbers(current)];
    return describe(methodId, kind, left, right, () =>
      compareNumbers(Float64Array.from(left.values).sort(), Float64Array.from(right.values).sort()),
    );
  }
  if (compareCategories !== undefined) {
    const type = categoryTypeOf(reference);
    const [left, right] = [readCategories(reference, type), readCategories(current, type)];
    return describe(methodId, kind, left, right, () =>
      compareCategories(...countCategories(left.values, right.values)),
    );
  }
  const why = kind === 'categorical' ? 'they have no order' : 'it counts categories';
  throw new RangeError(
    `${methodId} is not defined for ${kind} values, because ${why}: use one that is, such as psi.decile`,
  );
}

function describe(
  method: string,
  kind: SampleKind,
  reference: Sample<unknown>,
  current: Sample<unknown>,
  compare: () => TestedDistance,
): SampleComparison {
  const sizes = { method, kind, reference: sizeOf(reference), current: sizeOf(current) };
  const empty = reasonOfEmptiness('reference', reference) ?? reasonOfEmptiness('current sample', current);
  if (empty !== undefined) {
    return { value: NaN, effectSize: NaN, errorBound: NaN, pValue: NaN, ...sizes, reason: empty };
  }
  const distance = compare();
  if (Number.isFinite(distance.value)) return { ...distance, ...sizes };
  return { ...distance, ...sizes, reason: reasonOfInfinity(kind, method) };
}

function reasonOfEmptiness(what: string, { values, missing, invalid }: Sample<unknown>): string | undefined {
  if (values.length > 0) return undefined;
  if (missing + invalid === 0) return `the ${what} is empty`;
  return `the ${what} holds no value that can be compared: ${missing} are missing, ${invalid} are of the wrong type, NaN or infinite`;
}

function reasonOfInfinity(kind: SampleKind, method: string): string {
  return method === 'kl'
    ? `the current sample has no row in a ${kind === 'numeric' ? 'bin' : 'category'} that the reference has rows in`
    : 'the distance exceeds the largest double';
}

function sizeOf({ values, missing, invalid }: Sample<unknown>): SampleSize {
  return { n: values.length, missing, invalid };
}

/** Rows per category of the union, in the order of their first appearance. */
function countCategories(
  reference: readonly Category[],
  current: readonly Category[],
): [reference: number[], current: number[]] {
  const places = new Map<Category, number>();
  const counts: [number[], number[]] = [[], []];
  [reference, current].forEach((values, side) => {
    for (const value of values) {
      let place = places.get(value);
      if (place === undefined) {
        place = places.size;
        places.set(value, place);
        counts[0].push(0);
        counts[1].push(0);
      }
      counts[side]![place]! += 1;
    }
  });
  return counts;
}
