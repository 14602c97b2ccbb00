import { z } from 'zod';
import { alertLabelNames, type AlertLabelName } from './alert-labels.js';

/** A condition on one label of an alert, with the operators of Alertmanager. */
export interface Matcher {
  readonly label: AlertLabelName;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

const FORM = /^\s*([a-z]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/;

/**
 * Returns what a matcher such as `model="loan"` or `feature=~"age|income"` says; undefined when it is none. Quotes may be left out.
 */
export function parseMatcher(text: string): Matcher | undefined {
  const [, label, operator, quoted, bare] = FORM.exec(text) ?? [];
  const known = alertLabelNames.find((name) => name === label);
  if (known === undefined) return undefined;
  return {
    label: known,
    operator: operator as Matcher['operator'],
    value: quoted === undefined ? bare! : quoted.replace(/\\(.)/g, '$1'),
  };
}

export const matcherSchema = z
  .string()
  .max(1000)
  .refine((text) => parseMatcher(text) !== undefined, {
    message: `must be a label (${alertLabelNames.join(', ')}), one of = != =~ !~, and a value, as in model="loan"`,
  });
export const matchersSchema = z.array(matcherSchema).max(20);
