import { z } from 'zod';

const DENORMALS: Readonly<Record<string, number>> = { nan: NaN, '-nan': NaN, inf: Infinity, '-inf': -Infinity };

/** A Float64 column: the engine writes NaN and infinities as text, and null stands for NaN in rows we insert. */
export const float = z
  .union([z.number(), z.null(), z.enum(['nan', '-nan', 'inf', '-inf'])])
  .transform((value) => (value === null ? NaN : typeof value === 'number' ? value : DENORMALS[value]!));

/** A 64-bit integer column whose values stay below 2^53; comes bare or quoted. */
export const integer = z.coerce.number().int();

/** A DateTime or DateTime64 column selected through toUnixTimestamp64Milli or toUnixTimestamp × 1000. */
export const millis = integer;

export const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean);

/** A column that holds JSON text of the given shape. */
export function json<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}

/** Text of an instant as the engine reads it into DateTime64(3, 'UTC'). */
export function instant(timestampMs: number): string {
  return new Date(timestampMs).toISOString().replace('T', ' ').replace('Z', '');
}

/** Text of an instant as the engine reads it into DateTime('UTC'), cut to the second. */
export function second(timestampMs: number): string {
  return instant(timestampMs).slice(0, 19);
}
