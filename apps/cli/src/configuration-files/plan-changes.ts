import { isDeepStrictEqual } from 'node:util';
import { documentKinds } from '@plumbline/contracts';
import type { ApiClient } from '../api-client.js';
import { type ConfigurationDocument, nameOfDocument } from './check-document.js';
import { findDeclaration, listDeclared, pathOf } from './server-documents.js';

/** A field that would change, as in `thresholds.ks.warning`; undefined where there is nothing. */
export interface Difference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What applying would do to one document's subject. */
export interface PlannedChange {
  readonly document: ConfigurationDocument;
  readonly outcome: 'create' | 'update' | 'unchanged' | 'delete';
  /** Of an update. */
  readonly differences: readonly Difference[];
}

/** Kinds that pruning takes away. Models keep their data, and silences are made by people in a hurry: both stay. */
const PRUNED = ['receiver', 'route', 'monitor', 'retraining_policy'];

/**
 * Compares documents with what the server has, in the order in which they are to be applied.
 * @param prune also plan to delete what is declared on the server and in no document: monitors and policies of the models that the
 *   documents declare, and receivers and routes where the documents declare any
 */
export async function planChanges(
  client: ApiClient,
  documents: readonly ConfigurationDocument[],
  prune: boolean,
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = [];
  for (const document of [...documents].sort(byKind)) {
    const present = await findDeclaration(client, document);
    if (present === undefined) changes.push({ document, outcome: 'create', differences: [] });
    else {
      const differences = differencesBetween(present, document.declaration);
      changes.push({ document, outcome: differences.length === 0 ? 'unchanged' : 'update', differences });
    }
  }
  if (prune) changes.push(...(await leftOvers(client, documents)));
  return changes;
}

/** Carries a plan out, change by change. What is unchanged is left alone, so applying twice changes nothing. */
export async function applyChanges(client: ApiClient, changes: readonly PlannedChange[]): Promise<void> {
  for (const { document, outcome } of changes) {
    if (outcome === 'delete') await client.request('DELETE', pathOf(document));
    else if (outcome !== 'unchanged') await client.put(pathOf(document), document.declaration);
  }
}

async function leftOvers(
  client: ApiClient,
  documents: readonly ConfigurationDocument[],
): Promise<readonly PlannedChange[]> {
  const declaredNames = new Set(documents.map(nameOfDocument));
  const models = new Set(documents.filter(({ kind }) => kind === 'model').map(({ name }) => name));
  const kinds = new Set(documents.map(({ kind }) => kind));
  return (await listDeclared(client))
    .filter((present) => PRUNED.includes(present.kind) && !declaredNames.has(nameOfDocument(present)))
    .filter(({ kind, model }) => (model === undefined ? kinds.has(kind) : models.has(model)))
    .sort((left, right) => byKind(right, left))
    .map((document) => ({ document, outcome: 'delete', differences: [] }));
}

/** Returns the fields in which two declarations differ, by name. */
export function differencesBetween(before: unknown, after: unknown, field = ''): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isMap(before) || !isMap(after)) return [{ field, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) =>
    differencesBetween(before[name], after[name], field === '' ? name : `${field}.${name}`),
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byKind(left: ConfigurationDocument, right: ConfigurationDocument): number {
  return documentKinds.indexOf(left.kind) - documentKinds.indexOf(right.kind);
}
