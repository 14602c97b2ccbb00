import type { Configuration } from '@plumbline/contracts';
import { Store } from '@plumbline/storage';

/** Opens the store that the configuration asks for. @throws StorageError when it cannot be opened */
export async function openStore({ clickhouse, dataDir }: Configuration): Promise<Store> {
  return Store.open({ dataDir, url: clickhouse.url, database: clickhouse.database });
}
