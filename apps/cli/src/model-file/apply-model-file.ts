import { isDeepStrictEqual } from 'node:util';
import type { ApiClient } from '../api-client.js';
import type { ModelFile } from './check-model-file.js';

export interface AppliedResource {
  readonly resource: string;
  readonly name: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
}

/** Declares all of a model file, the model first. What the server has already is left alone, so applying twice changes nothing. */
export async function applyModelFile(client: ApiClient, file: ModelFile): Promise<readonly AppliedResource[]> {
  const model = `/v1/models/${file.model}`;
  const wanted: readonly (readonly [resource: string, name: string, path: string, declaration: object])[] = [
    ['model', file.model, model, file.declaration],
    ...[...file.receivers].map(([name, declared]) => ['receiver', name, `/v1/receivers/${name}`, declared] as const),
    ...[...file.monitors].map(([name, declared]) => ['monitor', name, `${model}/monitors/${name}`, declared] as const),
    ...[...file.retrainingPolicies].map(
      ([name, declared]) => ['retraining policy', name, `${model}/retraining-policies/${name}`, declared] as const,
    ),
  ];
  const applied: AppliedResource[] = [];
  for (const [resource, name, path, declaration] of wanted) {
    const present = await client.find(path);
    if (present !== undefined && covers(present, declaration)) {
      applied.push({ resource, name, outcome: 'unchanged' });
      continue;
    }
    await client.put(path, declaration);
    applied.push({ resource, name, outcome: present === undefined ? 'created' : 'updated' });
  }
  return applied;
}

/** Whether a reply holds the declaration as it is, among what the server adds to it; a receiver that is gone comes back by a PUT. */
function covers(reply: unknown, declaration: object): boolean {
  const held = reply as Record<string, unknown>;
  if (held['state'] === 'gone') return false;
  return Object.entries(declaration).every(([name, value]) => isDeepStrictEqual(held[name], value));
}
