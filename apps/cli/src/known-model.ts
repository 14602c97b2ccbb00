import type { ModelReply } from '@plumbline/contracts';
import type { ApiClient } from './api-client.js';
import type { KnownModel } from './import/import-file.js';

/** Returns task and feature kinds of a model as the server knows them; undefined when it does not know the model. */
export async function findKnownModel(client: ApiClient, model: string): Promise<KnownModel | undefined> {
  const reply = (await client.find(`/v1/models/${model}`)) as ModelReply | undefined;
  if (reply === undefined) return undefined;
  return { task: reply.task, kinds: new Map(reply.known_features.map(({ name, kind }) => [name, kind])) };
}
