import type { ApiClient, Query } from './api-client.js';

const PAGE_SIZE = 1000;

/** Yields all items of a list, page by page. `limit` ends it early. */
export async function* pages<Item>(
  client: ApiClient,
  path: string,
  query: Query,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  let left = limit;
  do {
    const reply = (await client.get(path, { ...query, limit: Math.min(PAGE_SIZE, left), cursor })) as {
      readonly items: readonly Item[];
      readonly next_cursor?: string | null;
    };
    yield* reply.items;
    left -= reply.items.length;
    cursor = reply.next_cursor ?? undefined;
  } while (cursor !== undefined && left > 0);
}

export async function allPages<Item>(
  client: ApiClient,
  path: string,
  query: Query,
  limit?: number,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of pages<Item>(client, path, query, limit)) items.push(item);
  return items;
}
