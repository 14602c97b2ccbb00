import type { SampleKind } from './method.js';

/** A sample as it came, sorted into what can be compared and what cannot. */
export interface Sample<Value> {
  readonly values: Value[];
  /** null and undefined. */
  readonly missing: number;
  /** Values of another type than the sample's kind, and numbers that are NaN or infinite. */
  readonly invalid: number;
}

type CategoryType = 'string' | 'boolean' | 'number';
export type Category = string | boolean | number;

/** Returns the kind of a sample by its first value: a number makes it numeric. Without any value it is numeric. */
export function kindOfSample(values: Iterable<unknown>): SampleKind {
  for (const value of values) {
    if (value !== null && value !== undefined) return typeOfValue(value) === 'number' ? 'numeric' : 'categorical';
  }
  return 'numeric';
}

/** Returns the finite numbers of a sample; a bigint counts as the nearest double. */
export function readNumbers(values: Iterable<unknown>): Sample<number> {
  return readSample(values, (value) => {
    if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
    const number = Number(value);
    // −0 is 0.
    return Number.isFinite(number) ? number + 0 : undefined;
  });
}

/** Returns the categories of a sample, which all have one type: "1" is no category beside 1, as it is none of true. */
export function readCategories(values: Iterable<unknown>, type: CategoryType): Sample<Category> {
  return readSample(values, (value) => {
    if (typeOfValue(value) !== type) return undefined;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : undefined;
    return value as Category;
  });
}

/** Type of the first value that is one of a category; text where there is none. */
export function categoryTypeOf(values: Iterable<unknown>): CategoryType {
  for (const value of values) {
    const type = value === null || value === undefined ? undefined : typeOfValue(value);
    if (type !== undefined) return type;
  }
  return 'string';
}

function typeOfValue(value: unknown): CategoryType | undefined {
  const type = typeof value;
  if (type === 'bigint') return 'number';
  return type === 'string' || type === 'boolean' || type === 'number' ? type : undefined;
}

function readSample<Value>(values: Iterable<unknown>, read: (value: unknown) => Value | undefined): Sample<Value> {
  const kept: Value[] = [];
  let missing = 0;
  let invalid = 0;
  for (const value of values) {
    if (value === null || value === undefined) missing += 1;
    else {
      const found = read(value);
      if (found === undefined) invalid += 1;
      else kept.push(found);
    }
  }
  return { values: kept, missing, invalid };
}
