import { type AlertLabels, parseMatcher } from '@plumbline/contracts';
import { RE2JS, RE2JSException } from 're2js';

/** Whether the labels of an alert fulfil a condition. */
export type AlertMatcher = (labels: AlertLabels) => boolean;

/** Conditions are few and asked of every alert each time; the bound is for a caller who makes new ones without end. */
const MAX_KEPT = 10_000;
const compiled = new Map<string, AlertMatcher>();

/**
 * Returns a matcher such as `model=~"loan|fraud"` as a function of labels. Regular expressions are those of RE2 and must match the
 * whole value, as in Alertmanager: they take time linear in its length, so that nobody can stop the alerter with one.
 * @throws RangeError when the text is no matcher, or its expression is none: the message says why
 */
export function compileMatcher(text: string): AlertMatcher {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= MAX_KEPT) compiled.clear();
  const matcher = compile(text);
  compiled.set(text, matcher);
  return matcher;
}

/** Returns whether all matchers hold; true when there is none. @throws RangeError as `compileMatcher` does */
export function matchesAll(matchers: readonly string[], labels: AlertLabels): boolean {
  return matchers.every((text) => compileMatcher(text)(labels));
}

function compile(text: string): AlertMatcher {
  const matcher = parseMatcher(text);
  if (matcher === undefined) throw new RangeError(`"${text}" is no matcher: write one as in model="loan"`);
  const { label, operator, value } = matcher;
  switch (operator) {
    case '=':
      return (labels) => labels[label] === value;
    case '!=':
      return (labels) => labels[label] !== value;
    case '=~':
    case '!~': {
      const expression = compileExpression(value);
      return (labels) => expression.matches(labels[label]) === (operator === '=~');
    }
  }
}

function compileExpression(value: string): RE2JS {
  try {
    return RE2JS.compile(value);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new RangeError(`"${value}" is no regular expression: ${error.message} (syntax of RE2, without look-around)`, {
      cause: error,
    });
  }
}
