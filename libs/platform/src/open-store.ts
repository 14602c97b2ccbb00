import { type Configuration, parseDuration } from '@plumbline/contracts';
import { Store } from '@plumbline/storage';

/** Opens the store that the configuration asks for. @throws StorageError when it cannot be opened */
export async function openStore({ clickhouse, dataDir }: Configuration): Promise<Store> {
  const { requestTimeout, insertQuorum, http, httpUsers: _, ...rest } = clickhouse;
  return Store.open({
    dataDir,
    ...rest,
    readers: http !== undefined,
    insertQuorum: insertQuorum === undefined ? undefined : String(insertQuorum),
    requestTimeoutMs: parseDuration(requestTimeout),
  });
}
