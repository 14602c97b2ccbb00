import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../cli-error.js';
import { checkModelFile, type ModelFile } from './check-model-file.js';

/**
 * Returns what a YAML file declares of a model.
 * @throws UsageError naming file, line, field and what to write, for every fault at once
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  });
  return parseModelFile(text, path);
}

/** The same of the text of a file; `path` is for messages. */
export function parseModelFile(text: string, path: string): ModelFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  if (document.errors.length > 0) {
    throw new UsageError(`${path} is no YAML:\n${document.errors.map((error) => error.message).join('\n')}`);
  }
  const checked = checkModelFile(document.toJS());
  if ('file' in checked) return checked.file;
  const faults = checked.faults.map(({ path: field, message }) => {
    const node: unknown = field === '' ? undefined : nearestNode((steps) => document.getIn(steps, true), field);
    const range = (node as { range?: readonly number[] } | undefined)?.range;
    const line = range === undefined ? '' : `:${lines.linePos(range[0]!).line}`;
    return `${path}${line}: ${field === '' ? '' : `${field}: `}${message}`;
  });
  throw new UsageError(faults.join('\n'));
}

/** The node at a path, or the deepest one above it: what is missing has no line of its own. */
function nearestNode(find: (steps: readonly (string | number)[]) => unknown, field: string): unknown {
  const steps = field.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  for (let length = steps.length; length > 0; length -= 1) {
    const node = find(steps.slice(0, length));
    if (node !== undefined && node !== null) return node;
  }
  return undefined;
}
