import { documentDeclarations, type DocumentKind } from '@plumbline/contracts';
import type { ApiClient } from '../api-client.js';
import { allPages } from '../pages.js';
import type { ConfigurationDocument } from './check-document.js';

type DocumentName = Pick<ConfigurationDocument, 'kind' | 'name' | 'model'>;
type Reply = Readonly<Record<string, unknown>>;

/** What the server adds to a declaration in its replies. */
const ADDED: readonly string[] = ['updated_at', 'updated_by'];
const ADDED_TO: Readonly<Record<DocumentKind, readonly string[]>> = {
  model: ['model', 'origin', 'known_features'],
  receiver: ['receiver', 'state'],
  route: ['route'],
  monitor: ['model', 'monitor', 'origin'],
  retraining_policy: ['model', 'policy'],
  silence: ['silence_id', 'state', 'author'],
};

/** Address of what a document declares. */
export function pathOf({ kind, name, model }: DocumentName): string {
  switch (kind) {
    case 'model':
      return `/v1/models/${name}`;
    case 'receiver':
      return `/v1/receivers/${name}`;
    case 'route':
      return `/v1/routes/${name}`;
    case 'silence':
      return `/v1/silences/${name}`;
    case 'monitor':
      return `/v1/models/${model}/monitors/${name}`;
    case 'retraining_policy':
      return `/v1/models/${model}/retraining-policies/${name}`;
  }
}

/**
 * Returns what the server has declared under a name; undefined when nobody declared it: a model that was inferred and a default monitor
 * are no declarations. One that this version cannot read comes back as it was written.
 */
export async function findDeclaration(client: ApiClient, document: DocumentName): Promise<object | undefined> {
  const reply = (await client.find(pathOf(document))) as Reply | undefined;
  if (reply === undefined || !isDeclared(reply)) return undefined;
  return declarationIn(reply, document.kind);
}

/** Returns everything that is declared on the server: of one model, or of all models with what belongs to no model. */
export async function listDeclared(client: ApiClient, only?: string): Promise<ConfigurationDocument[]> {
  const models =
    only === undefined
      ? (await allPages<{ model: string; origin: string }>(client, '/v1/models', {})).map(({ model }) => model)
      : [only];
  const found: ConfigurationDocument[] = [];
  for (const model of models) {
    const declaration = await findDeclaration(client, { kind: 'model', name: model, model: undefined });
    if (declaration !== undefined) found.push({ kind: 'model', name: model, model: undefined, declaration });
  }
  if (only === undefined) {
    found.push(...(await listed(client, 'receiver', '/v1/receivers', 'receiver')));
    found.push(...(await listed(client, 'route', '/v1/routes', 'route')));
  }
  for (const model of models) {
    found.push(...(await listed(client, 'monitor', `/v1/models/${model}/monitors`, 'monitor', model)));
    const policies = `/v1/models/${model}/retraining-policies`;
    found.push(...(await listed(client, 'retraining_policy', policies, 'policy', model)));
  }
  if (only === undefined) found.push(...(await listed(client, 'silence', '/v1/silences', 'silence_id')));
  return found;
}

async function listed(
  client: ApiClient,
  kind: DocumentKind,
  path: string,
  nameField: string,
  model?: string,
): Promise<ConfigurationDocument[]> {
  const items: Reply[] = [];
  // Lists of declarations are short and come whole.
  const reply = (await client.get(path)) as { readonly items: readonly Reply[] };
  items.push(...reply.items);
  return items
    .filter(isDeclared)
    .map((item) => ({ kind, name: String(item[nameField]), model, declaration: declarationIn(item, kind) }));
}

function isDeclared(reply: Reply): boolean {
  // A receiver that is gone is told of nothing any more until it is declared again.
  return !['default', 'inferred'].includes(String(reply['origin'])) && reply['state'] !== 'gone';
}

function declarationIn(reply: Reply, kind: DocumentKind): object {
  const added = [...ADDED, ...ADDED_TO[kind]];
  const declared = Object.fromEntries(Object.entries(reply).filter(([field]) => !added.includes(field)));
  const parsed = documentDeclarations[kind].schema.safeParse(declared);
  return parsed.success ? parsed.data : declared;
}
