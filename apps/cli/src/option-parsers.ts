import { nameSchema, parseDuration } from '@plumbline/contracts';
import { InvalidArgumentError } from 'commander';

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

/** An instant in ISO 8601, as the API wants it: a date alone is its midnight, and without a zone it is UTC. */
export function instantOption(text: string): string {
  const zoned = /(?:[zZ]|[+-]\d{2}:?\d{2})$/.test(text) || /^\d{4}-\d{2}-\d{2}$/.test(text);
  const iso = text.trim().replace(' ', 'T');
  const ms = /^\d{4}-\d{2}-\d{2}/.test(iso) ? Date.parse(zoned ? iso : `${iso}Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Write it in ISO 8601, as in 2026-01-31T00:00:00Z.');
  return new Date(ms).toISOString();
}

export function durationOption(text: string): string {
  try {
    parseDuration(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

export function countOption(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('Write a whole number above 0.');
  return count;
}
