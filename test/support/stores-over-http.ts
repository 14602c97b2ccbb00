import { Store } from '@plumbline/storage';
import { dropTestDatabases, testDatabaseOf } from './clickhouse-server.js';

/**
 * Setup of the project `server`: the same specs, with every store on a ClickHouse server instead of the embedded engine. A
 * data folder stands for a database, so that a store which is opened again on a folder finds what it left there.
 */
process.env.PLUMBLINE_TEST_STORE = 'server';

const open = Store.open.bind(Store);
Store.open = async (options) => {
  if (options.url !== undefined) return open(options);
  const { url, database } = await testDatabaseOf(options.dataDir);
  return open({ ...options, url, database });
};

afterAll(async () => {
  await dropTestDatabases();
}, 60_000);
