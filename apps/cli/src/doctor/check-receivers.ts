import type { ApiClient } from '../api-client.js';
import { ApiError } from '../api-error.js';
import { ok, warn, type Finding } from './finding.js';

/** Checks that somebody would hear of an alert. Says nothing when the key may not ask. */
export async function checkReceivers(client: ApiClient): Promise<readonly Finding[]> {
  try {
    const { items } = (await client.get('/v1/receivers')) as { readonly items: readonly unknown[] };
    return [
      items.length === 0
        ? warn(
            'receivers',
            'the project has none: alerts are only written to the log',
            'declare one in a model file, or with PUT /v1/receivers/{receiver}',
          )
        : ok('receivers', String(items.length)),
    ];
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}
