import { isRetrainingPlaceholder, PLACEHOLDER_PATTERN } from '@plumbline/contracts';
import type { PlaceholderValues } from './placeholder-values.js';

/**
 * Returns a JSON value with its placeholders filled in. A text that is exactly one placeholder becomes what it stands for, with
 * its type; inside a longer text it is written as text, a list with commas. What is filled in is not searched again.
 */
export function fillTemplate(template: unknown, values: PlaceholderValues): unknown {
  if (typeof template === 'string') return fillText(template, values);
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fillTemplate(item, values)]));
}

/** Fills in named templates. */
export function fillTemplates(
  templates: Readonly<Record<string, unknown>>,
  values: PlaceholderValues,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(templates).map(([name, template]) => [name, fillTemplate(template, values)]),
  );
}

/** Returns a filled-in value for a target that takes texts only: lists and objects as JSON, nothing for null. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

function fillText(text: string, values: PlaceholderValues): unknown {
  const [whole] = text.matchAll(PLACEHOLDER_PATTERN);
  const name = whole?.[1] ?? '';
  if (whole?.[0] === text && isRetrainingPlaceholder(name)) return values[name];
  return text.replace(PLACEHOLDER_PATTERN, (written, each: string) => {
    if (!isRetrainingPlaceholder(each)) return written;
    const value = values[each];
    return typeof value === 'object' ? value.join(', ') : String(value);
  });
}
