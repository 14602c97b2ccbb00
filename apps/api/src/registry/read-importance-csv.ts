import { Problem } from '../http/problem.js';

const HEADER = /^"?(feature|name)"?\s*,\s*"?importance"?$/i;
/** A name, quoted where it holds a comma or a quote, and a number. */
const LINE = /^\s*(?:"((?:[^"]|"")*)"|([^",]+?))\s*,\s*"?([^",\s]+)"?\s*$/;

/**
 * Returns the importance of features by name from a CSV of two columns, feature and importance, with a header or without.
 * @throws Problem 422 naming the line at fault
 */
export function readImportanceCsv(text: string): Record<string, number> {
  const importance = new Map<string, number>();
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  lines.forEach((line, index) => {
    if (line.trim() === '' || (index === 0 && HEADER.test(line.trim()))) return;
    const [, quoted, plain, number] = LINE.exec(line) ?? [];
    const name = quoted?.replaceAll('""', '"') ?? plain;
    const value = Number(number);
    if (name === undefined || !Number.isFinite(value)) {
      throw fault(index, 'is not a feature and a number: write it as "income,0.4"');
    }
    if (importance.has(name)) throw fault(index, `names "${name}" for the second time: keep one of the two`);
    importance.set(name, value);
  });
  return Object.fromEntries(importance);
}

function fault(index: number, what: string): Problem {
  const message = `line ${index + 1} ${what}`;
  return new Problem(422, message, { errors: [{ field: `line ${index + 1}`, message }] });
}
