import {
  documentDeclarations,
  documentJsonSchema,
  type DocumentKind,
  documentKinds,
  nameSchema,
} from '@plumbline/contracts';
import { choicesAt, fieldsAt } from './json-schema-lookup.js';
import { nearestName } from './nearest-name.js';

/** One thing that is declared, defaults filled in. */
export interface ConfigurationDocument {
  readonly kind: DocumentKind;
  readonly name: string;
  /** Set where the kind belongs to a model. */
  readonly model: string | undefined;
  readonly declaration: object;
}

export interface DocumentFault {
  /** Keys from the top of the document; the key at fault itself is the last one. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly discriminator?: string;
}

/** How messages and plans name a document: `monitor "drift" of model "loans"`. */
export function nameOfDocument({ kind, name, model }: Pick<ConfigurationDocument, 'kind' | 'name' | 'model'>): string {
  const what = kind.replace('_', ' ');
  return model === undefined ? `${what} "${name}"` : `${what} "${name}" of model "${model}"`;
}

/** Returns what a value declares, or all of its faults. */
export function checkDocument(
  value: unknown,
): { readonly document: ConfigurationDocument } | { readonly faults: readonly DocumentFault[] } {
  const kinds = documentKinds.join(', ');
  if (!isObject(value)) return { faults: [{ path: [], message: `must be a map with a kind (${kinds}) and a name` }] };
  const { kind: declaredKind, name, model, ...rest } = value;
  const kind = documentKinds.find((each) => each === declaredKind);
  if (kind === undefined) return { faults: [{ path: ['kind'], message: `must be one of ${kinds}` }] };
  const { ofModel, schema } = documentDeclarations[kind];
  const faults: DocumentFault[] = [];
  const named = (key: 'name' | 'model', given: unknown): string => {
    const parsed = nameSchema.safeParse(given);
    if (parsed.success) return parsed.data;
    const example = key === 'name' ? `what the ${kind.replace('_', ' ')} is called` : 'the model that it belongs to';
    const message = given === undefined ? `is missing: ${example}` : parsed.error.issues[0]!.message;
    faults.push({ path: [key], message });
    return '';
  };
  const head = { kind, name: named('name', name), model: ofModel ? named('model', model) : undefined };
  if (!ofModel && model !== undefined) {
    faults.push({ path: ['model'], message: `a ${kind} belongs to no model: remove it` });
  }
  const parsed = schema.safeParse(rest);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(...faultsOfIssue(issue as Issue, kind, value));
  }
  if (!parsed.success || faults.length > 0) return { faults };
  return { document: { ...head, declaration: parsed.data } };
}

/** In words that say what to write instead, as far as the schema knows. */
function faultsOfIssue(issue: Issue, kind: DocumentKind, value: object): DocumentFault[] {
  const { path, message } = issue;
  const schema = documentJsonSchema(kind);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, value, path);
    return (issue.keys ?? []).map((key) => ({ path: [...path, key], message: unknownField(key, known) }));
  }
  if (issue.discriminator !== undefined) {
    const field = [...path, issue.discriminator];
    const already = path.at(-1) === issue.discriminator;
    const at = already ? path : field;
    const choices = choicesAt(schema, value, at);
    if (choices.length > 0) return [{ path: at, message: `must be one of ${choices.join(', ')}` }];
  }
  if (message.includes('received undefined')) return [{ path, message: `is missing: ${message}` }];
  return [{ path, message }];
}

function unknownField(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `is no field here; did you mean "${nearest}"?`;
  return known.length === 0 ? 'is no field here: remove it' : `is no field here; there are ${known.join(', ')}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
