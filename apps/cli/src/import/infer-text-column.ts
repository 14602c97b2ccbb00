import type { FeatureKind } from '@plumbline/contracts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BOOLEAN = /^(?:true|false)$/i;

/** Returns what a column of text holds, judged by its first values: empty ones tell nothing, and a column of them is text. */
export function inferTextColumn(values: readonly string[]): FeatureKind {
  const filled = values.filter((value) => value !== '');
  if (filled.length === 0) return 'categorical';
  if (filled.every((value) => BOOLEAN.test(value))) return 'boolean';
  if (filled.every((value) => NUMBER.test(value) || NOT_A_NUMBER.has(value))) return 'numeric';
  return 'categorical';
}

/** How files write a missing number. */
const NOT_A_NUMBER = new Set(['nan', 'NaN', 'NAN']);

/**
 * Returns a cell of text as the type of its column; empty is null. Text that is no value of that type stays text, so that the
 * server counts it as invalid instead of it vanishing here.
 */
export function textValue(text: string, kind: FeatureKind): string | number | boolean | null {
  if (text === '') return null;
  if (kind === 'numeric') {
    if (NUMBER.test(text)) return Number(text);
    return NOT_A_NUMBER.has(text) ? null : text;
  }
  if (kind === 'boolean') {
    if (BOOLEAN.test(text)) return text.toLowerCase() === 'true';
    return text === '1' ? true : text === '0' ? false : text;
  }
  return text;
}
