import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * Milliseconds of a duration such as "90s", "5m", "1h", "1d" or "1w".
 * @throws RangeError when the text is not a positive whole number followed by s, m, h, d or w
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})(s|m|h|d|w)$/.exec(text);
  const unitMs = match ? UNIT_MS[match[2]!] : undefined;
  const count = match ? Number(match[1]) : 0;
  if (unitMs === undefined || count === 0) {
    throw new RangeError(`"${text}" is not a duration: write a whole number and a unit, as in 90s, 5m, 1h, 1d, 1w`);
  }
  return count * unitMs;
}

/** The same, or undefined for a text that is no duration. */
function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

export const durationSchema = z.string().refine((text) => readDuration(text) !== undefined, {
  message: 'must be a whole number and a unit, as in 90s, 5m, 1h, 1d, 1w',
});

/** A duration of whole minutes: the grain of cells, so the grain of windows. */
export const minuteDurationSchema = durationSchema.refine(
  // What is no duration at all has been told already; both checks run.
  (text) => (readDuration(text) ?? 0) % 60_000 === 0,
  { message: 'must be a whole number of minutes: cells have a grain of one minute' },
);
