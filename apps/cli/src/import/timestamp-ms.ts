const ZONE = /(?:[zZ]|[+-]\d{2}:?\d{2})$/;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?/;

/**
 * Returns milliseconds since 1970 of a value of a time column, or undefined when it is none: a number or text of digits is
 * milliseconds already, a Date is itself, ISO 8601 text without a zone is UTC (a date alone is its midnight).
 */
export function timestampMs(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : undefined;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return finite(value.getTime());
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^-?\d{6,}$/.test(text)) return Number(text);
  if (!ISO.test(text)) return undefined;
  // Date.parse reads a date with a time and no zone in the zone of this machine: the same file would differ between machines.
  const iso = text.replace(' ', 'T');
  return finite(Date.parse(text.length <= 10 || ZONE.test(text) ? iso : `${iso}Z`));
}

function finite(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}
