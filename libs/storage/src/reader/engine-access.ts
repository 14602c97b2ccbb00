import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Role of the sessions of readers: the engine itself refuses them whatever it was not granted. */
export const READER_ROLE = 'plumbline_reader';

/**
 * What readers may read. Left out are tables with secrets or addresses (receiver, retraining policies, keys of links, bytes of dead
 * letters) and those that only the service itself has a use for.
 */
export const READABLE_TABLES = [
  'alert_action',
  'alert_state',
  'delivery',
  'evaluation',
  'feature_importance',
  'feature_cell',
  'feature_cell_hour',
  'label',
  'measurement',
  'measurement_revision',
  'model',
  'model_feature',
  'monitor',
  'performance_cell',
  'prediction',
  'reference_profile',
  'reference_segment',
  'reference_series',
  'retraining_event',
  'retraining_run',
  'segment_value',
  'silence',
  'traffic_cell',
  'transition',
] as const;

/** Without a project of its own: names of features, by schema. Not for readers of one project. */
export const SHARED_TABLES = ['feature_schema'] as const;

/**
 * Writes the engine's users and roles into a folder: its only user may do everything, and may take on the role of a reader.
 * @returns arguments of the first connection of the process
 */
export async function writeEngineAccess(folder: string, database: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const users = join(folder, 'users.xml');
  const configuration = join(folder, 'config.xml');
  const tables = [...READABLE_TABLES, ...SHARED_TABLES];
  const grants = tables.map((table) => `<query>GRANT SELECT ON ${escape(`\`${database}\`.\`${table}\``)}</query>`);
  await writeFile(
    users,
    `<clickhouse>
  <users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
    <grants><query>GRANT plumbline_owner</query><query>GRANT ${READER_ROLE}</query></grants></default></users>
  <roles>
    <plumbline_owner><grants><query>GRANT ALL ON *.*</query></grants></plumbline_owner>
    <${READER_ROLE}><grants>${grants.join('')}</grants></${READER_ROLE}>
  </roles>
  <profiles><default/></profiles><quotas><default/></quotas>
</clickhouse>
`,
  );
  await writeFile(configuration, `<clickhouse><users_config>${escape(users)}</users_config></clickhouse>\n`);
  return [`--config-file=${configuration}`];
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
