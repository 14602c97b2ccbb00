import { nameSchema, parseDuration } from '@plumbline/contracts';
import { InvalidArgumentError } from 'commander';

const MINUTE_MS = 60_000;

/** Values of `a,b,c`; a repeated option adds to them. */
export function listOption(text: string, previous: readonly string[] = []): readonly string[] {
  return [
    ...previous,
    ...text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ];
}

/** `key=value`, repeated. */
export function pairsOption(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as key=value.');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

export function nameOption(text: string): string {
  const parsed = nameSchema.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`It ${parsed.error.issues[0]!.message}.`);
  return text;
}

/**
 * An instant as the API wants it, of ISO 8601 (a date alone is its midnight, and without a zone it is UTC), `now`, or `7d` for so long ago.
 * The latter two are the beginning of their minute, because windows begin at whole minutes.
 */
export function instantOption(text: string): string {
  return instantAt(text, Date.now());
}

/** The same, with what `now` is. */
export function instantAt(text: string, nowMs: number): string {
  const word = text.trim();
  if (word === 'now') return beginningOfMinute(nowMs);
  if (/^\d+[a-z]$/.test(word)) return beginningOfMinute(nowMs - parseDurationOption(word));
  const zoned = /(?:[zZ]|[+-]\d{2}:?\d{2})$/.test(word) || /^\d{4}-\d{2}-\d{2}$/.test(word);
  const iso = word.replace(' ', 'T');
  const ms = /^\d{4}-\d{2}-\d{2}/.test(iso) ? Date.parse(zoned ? iso : `${iso}Z`) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError(
      'Write it in ISO 8601, as in 2026-01-31T00:00:00Z, or say now, or 7d for so long ago.',
    );
  }
  return new Date(ms).toISOString();
}

function beginningOfMinute(ms: number): string {
  return new Date(Math.floor(ms / MINUTE_MS) * MINUTE_MS).toISOString();
}

function parseDurationOption(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

export function durationOption(text: string): string {
  parseDurationOption(text);
  return text;
}

export function countOption(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('Write a whole number above 0.');
  return count;
}
