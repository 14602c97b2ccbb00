import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '@plumbline/storage';
import type { Report } from '../report.js';
import { ServiceProcess } from '../service-process.js';
import { serviceSettings } from '../service-settings.js';
import { readRows } from './read-rows.js';

/**
 * Cuts a file of the last part of the raw rows short, and judges that the server refuses to start on it in words that name the
 * part, and starts without the part only when told so. Spoils the data folder.
 */
export async function judgeDamage(dataDir: string, report: Report): Promise<void> {
  const store = await Store.open({ dataDir, database: 'plumbline' });
  const [part] = await readRows(
    store,
    `SELECT name, path FROM system.parts WHERE table = 'prediction' AND active ORDER BY modification_time DESC, name LIMIT 1`,
  ).finally(async () => store.close());
  const [name, path] = part!.map(String);
  truncateSync(largestFileOf(path!), 5);
  report.count('damaged parts');

  const server = await ServiceProcess.create(
    'on a damaged folder',
    'standalone',
    { PLUMBLINE_DATA_DIR: dataDir, ...serviceSettings },
    (what, log) => report.violation(`${what}:\n${log}`),
  );
  const problems: string[] = [];
  try {
    await server.start();
    problems.push('the server started as if nothing had happened');
    await server.end('SIGKILL');
  } catch (error) {
    const words = String(error);
    if (!words.includes(`part ${name!} of table prediction`))
      problems.push(`refused without naming ${name!}: ${words}`);
  }
  await server.start({ env: { PLUMBLINE_CLICKHOUSE_ACCEPT_DAMAGE: 'true' } });
  await server.end('SIGTERM');
  report.check('a damaged part is refused by name, and left out only when that is accepted', problems, name);
}

/** The file that holds the rows, in a part of any format. */
function largestFileOf(folder: string): string {
  const files = readdirSync(folder).map((file) => join(folder, file));
  return files.reduce((largest, file) => (statSync(file).size > statSync(largest).size ? file : largest));
}
