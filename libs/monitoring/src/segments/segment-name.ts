import { MAX_SEGMENT_VALUE_LENGTH } from '@plumbline/contracts';

/**
 * Returns the name of the segment of one value, "country=DE". Names of declarations hold neither "=" nor ":", so names of segments
 * of different declarations are never equal, whatever the values are.
 */
export function valueSegment(name: string, value: string): string {
  return `${name}=${value}`;
}

/** Returns the name of the segment of all values that have none of their own. */
export function otherSegment(name: string): string {
  return `${name}:other`;
}

/**
 * Whether a value may have a segment of its own: it is not empty, has at most 100 characters, and holds neither control characters
 * nor halves of surrogate pairs, so that the segment's name can be shown, stored and asked for.
 */
export function mayOwnSegment(value: string): boolean {
  return value.length > 0 && value.length <= MAX_SEGMENT_VALUE_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(value);
}
