import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { type Document, isMap, isSeq, LineCounter, parseAllDocuments, type YAMLMap } from 'yaml';
import { UsageError } from '../cli-error.js';
import { type ConfigurationDocument, checkDocument, nameOfDocument } from './check-document.js';

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/** A document, and where it stands: "loans.yaml:12". */
export interface PlacedDocument extends ConfigurationDocument {
  readonly place: string;
}

/**
 * Returns what files declare: YAML or JSON, several documents in each; a folder stands for the files in it, "-" for standard input.
 * @throws UsageError naming file, line, field and what to write, for every fault of all files at once
 */
export async function readDocuments(
  paths: readonly string[],
  standardInput: NodeJS.ReadableStream,
): Promise<readonly PlacedDocument[]> {
  const read: PlacedDocument[] = [];
  const faults: string[] = [];
  for (const path of (await Promise.all(paths.map(filesOf))).flat()) {
    const text = path === '-' ? await textOf(standardInput) : await textOfFile(path);
    const parsed = parseDocuments(text, path === '-' ? '(standard input)' : path);
    read.push(...parsed.documents);
    faults.push(...parsed.faults);
  }
  faults.push(...doublesAmong(read));
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  if (read.length === 0) throw new UsageError(`${paths.join(', ')}: nothing is declared there`);
  return read;
}

/** The documents of a text, and the faults of those that are none, each with `path` and line. */
export function parseDocuments(
  text: string,
  path: string,
): { readonly documents: readonly PlacedDocument[]; readonly faults: readonly string[] } {
  const lines = new LineCounter();
  const placeAt = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  const documents: PlacedDocument[] = [];
  const faults: string[] = [];
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    for (const error of document.errors) {
      faults.push(`${placeAt(error.pos[0])}: no YAML: ${error.message.split('\n')[0]!}`);
    }
    if (document.errors.length > 0 || document.contents === null) continue;
    const values: unknown = document.toJS();
    // JSON knows no separator of documents, so an array stands for several.
    const elements = isSeq(document.contents) && Array.isArray(values) ? values : [values];
    for (const [index, value] of elements.entries()) {
      const root = isSeq(document.contents) ? [index] : [];
      const place = placeAt(offsetOf(document, root));
      const checked = checkDocument(value);
      if ('document' in checked) documents.push({ ...checked.document, place });
      else {
        for (const fault of checked.faults) {
          const where = placeAt(offsetOf(document, [...root, ...fault.path]));
          const field = fault.path.length === 0 ? '' : `${fault.path.map(String).join('.')}: `;
          faults.push(`${where}: ${field}${fault.message}`);
        }
      }
    }
  }
  return { documents, faults };
}

/** Where the key of a path stands, or of the deepest part of it that is there: what is missing has no line of its own. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const step = path[length - 1]!;
    if (isMap(parent)) {
      const key = keyOffset(parent, String(step));
      if (key !== undefined) return key;
    } else if (isSeq(parent)) {
      const item = parent.items[Number(step)] as { readonly range?: readonly number[] | null } | undefined;
      if (item?.range?.[0] !== undefined) return item.range[0];
    }
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffset(map: YAMLMap, name: string): number | undefined {
  const keys = map.items.map(
    ({ key }) => key as { readonly value?: unknown; readonly range?: readonly number[] | null },
  );
  return keys.find(({ value }) => String(value) === name)?.range?.[0];
}

function doublesAmong(documents: readonly PlacedDocument[]): string[] {
  const first = new Map<string, string>();
  const faults: string[] = [];
  for (const document of documents) {
    const name = nameOfDocument(document);
    const before = first.get(name);
    if (before === undefined) first.set(name, document.place);
    else faults.push(`${document.place}: name: ${name} is declared at ${before} already: remove one of them`);
  }
  return faults;
}

async function filesOf(path: string): Promise<string[]> {
  if (path === '-') return [path];
  const found = await stat(path).catch((error: unknown) => {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => EXTENSIONS.includes(extname(name))).sort();
  if (names.length === 0) throw new UsageError(`${path} holds no file that ends in ${EXTENSIONS.join(', ')}`);
  return names.map((name) => join(path, name));
}

async function textOfFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  });
}
