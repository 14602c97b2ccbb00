import { MAX_SEGMENT_NAME_LENGTH, nameSchema, parseDuration } from '@plumbline/contracts';
import { formatInZone, type Viewer } from '@plumbline/report';
import { z } from 'zod';
import { validate } from '../../http/validate.js';

/** Time ranges to choose from, that end now. */
export const RANGES = ['1d', '7d', '14d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];
/** What a form sends for a range of one's own, between `from` and `to`. */
export const OWN_RANGE = 'own';
const DEFAULT_RANGE: Range = '14d';
const MINUTE_MS = 60_000;
/** Pages read what was measured, not events: a year of daily windows is bounded by the limits of each read. */
const MAX_RANGE_MS = 400 * 86_400_000;

/** What the address of a page narrows it to. */
export interface PageFilters {
  readonly fromMs: number;
  readonly toMs: number;
  /** The range that ends now; undefined where the address names instants. */
  readonly range: Range | undefined;
  /** The one that was asked for; undefined where the page chooses. */
  readonly version: string | undefined;
  /** "" for all events. */
  readonly segment: string;
}

/** Forms send what was left empty as empty text. */
export const optionalField = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** Returns the schema of an instant, or of a day or minute as form fields give it: then that of clocks in the zone. */
export function timeField(zone: string) {
  return z
    .string()
    .transform((text) =>
      /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?$/.test(text)
        ? instantOfClock(text.padEnd(16, 'T00:00'), zone)
        : /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text)
          ? Date.parse(text)
          : NaN,
    )
    .refine((atMs) => !Number.isNaN(atMs), {
      message: 'must be a day or an instant, as 2026-01-31 or 2026-01-31T08:00:00Z',
    })
    .transform((atMs) => Math.floor(atMs / MINUTE_MS) * MINUTE_MS);
}

/** Returns when clocks in a zone show a minute, as "2026-01-31T08:00"; of an hour that is left out, an hour beside it. */
function instantOfClock(minute: string, zone: string): number {
  const asUtcMs = Date.parse(`${minute}Z`);
  if (Number.isNaN(asUtcMs)) return NaN;
  const offsetAt = (atMs: number): number => Date.parse(`${clockText(atMs, zone)}Z`) - atMs;
  // The first guess may lie on the other side of a change of the clocks.
  return asUtcMs - offsetAt(asUtcMs - offsetAt(asUtcMs));
}

/** Returns an instant as fields of forms take it: "2026-01-31T08:00". */
export function clockText(atMs: number, zone: string): string {
  return formatInZone(atMs, zone).replace(' ', 'T');
}

const filtersSchema = (zone: string) =>
  z.object({
    range: optionalField(z.enum([...RANGES, OWN_RANGE], { message: `must be one of ${RANGES.join(', ')}` })),
    from: optionalField(timeField(zone)),
    to: optionalField(timeField(zone)),
    version: optionalField(nameSchema),
    segment: z.string().max(MAX_SEGMENT_NAME_LENGTH).default(''),
  });

/**
 * Returns what the query of an address narrows a page to; what else it holds is left alone. A named range outranks instants.
 * @throws Problem 400 that names the field
 */
export function readPageFilters(query: unknown, { nowMs, zone }: Viewer): PageFilters {
  const { range, from, to, version, segment } = validate(filtersSchema(zone), query, 'the address');
  const nextMinuteMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const isNamed = range !== undefined && range !== OWN_RANGE;
  if (isNamed || (range === undefined && from === undefined && to === undefined)) {
    const chosen = isNamed ? range : DEFAULT_RANGE;
    return { fromMs: nextMinuteMs - parseDuration(chosen), toMs: nextMinuteMs, range: chosen, version, segment };
  }
  const toMs = to ?? nextMinuteMs;
  const fromMs = from ?? toMs - parseDuration(DEFAULT_RANGE);
  const checked = z.object({ to: z.number() }).superRefine((_, context) => {
    const fault = (message: string): void => context.addIssue({ code: 'custom', path: ['to'], message });
    if (fromMs >= toMs) fault('must be later than `from`');
    else if (toMs - fromMs > MAX_RANGE_MS) fault('must be at most 400 days after `from`');
  });
  validate(checked, { to: toMs }, 'the address');
  return { fromMs, toMs, range: undefined, version, segment };
}

/** Returns the query that stands for the filters, to be carried from page to page; defaults are left out. */
export function filterQuery({ fromMs, toMs, range, version, segment }: PageFilters): Record<string, string> {
  return {
    ...(range === undefined
      ? { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
      : range === DEFAULT_RANGE
        ? {}
        : { range }),
    ...(version === undefined ? {} : { version }),
    ...(segment === '' ? {} : { segment }),
  };
}
