import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { migrations } from './migrations/migrations.js';
import { defineQuery } from './query.js';
import { clusterSettings, renderForCluster, SHARDING_KEYS } from './render-for-cluster.js';
import { Store } from './store.js';

const TARGET = { cluster: 'main', database: 'plumbline' };
const format = defineQuery({
  name: 'parse a statement',
  sql: 'SELECT formatQuery({sql:String}) AS text',
  params: z.object({ sql: z.string() }),
  row: z.object({ text: z.string() }),
});
const rendered = migrations.flatMap(({ id, statements }) =>
  statements.flatMap((statement) =>
    renderForCluster(statement, TARGET).map(
      (sql) => [id, /(\w+) ON CLUSTER/.exec(sql)?.[1] ?? sql.slice(0, 60), sql] as const,
    ),
  ),
);

/** @embedded-only */
describe('renderForCluster', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-cluster-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(rendered)('migration %i, %s: the engine parses what it becomes', async (_id, _name, sql) => {
    const [parsed] = await store.query(format, { sql });
    expect(parsed!.text.length).toBeGreaterThan(20);
    if (sql.startsWith('CREATE'))
      expect(parsed!.text).toMatch(/ON CLUSTER main[\s\S]*ENGINE = (Replicated|Distributed)/);
    expect(sql).not.toMatch(/non_replicated_deduplication_window/);
  });

  it('shards what grows with traffic, and keeps the rest whole on every server', () => {
    const created = rendered.map(([, , sql]) => sql).filter((sql) => sql.startsWith('CREATE'));
    const distributed = created.filter((sql) => sql.includes('ENGINE = Distributed'));
    expect(distributed.map((sql) => /EXISTS (\w+)/.exec(sql)![1]).sort()).toEqual(Object.keys(SHARDING_KEYS).sort());
    for (const sql of created.filter((text) => text.includes('ENGINE = Replicated'))) {
      const table = /EXISTS (\w+)/.exec(sql)![1]!;
      const sharded = table.endsWith('_local');
      expect(sql).toContain(
        sharded
          ? `('/clickhouse/tables/plumbline/${table}/{shard}', '{replica}'`
          : `('/clickhouse/tables/plumbline/${table}', '{shard}-{replica}'`,
      );
      expect(sql).toMatch(/replicated_deduplication_window = \d+, replicated_deduplication_window_seconds = \d+/);
    }
  });

  it('keeps the arguments of an engine, and the shard of a row follows from its key', () => {
    const [local, distributed] = renderForCluster(
      `CREATE TABLE IF NOT EXISTS prediction (a Int8, prediction_id String) ENGINE = ReplacingMergeTree(precedence)
       ORDER BY a SETTINGS non_replicated_deduplication_window = 10, fsync_after_insert = 1`,
      TARGET,
    );
    expect(local).toBe(
      `CREATE TABLE IF NOT EXISTS prediction_local ON CLUSTER \`main\` (a Int8, prediction_id String) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/plumbline/prediction_local/{shard}', '{replica}', precedence)
       ORDER BY a SETTINGS replicated_deduplication_window = 10, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1`,
    );
    expect(distributed!.replace(/\s+/g, ' ')).toBe(
      'CREATE TABLE IF NOT EXISTS prediction ON CLUSTER `main` AS `plumbline`.prediction_local ' +
        'ENGINE = Distributed(`main`, `plumbline`, prediction_local, murmurHash3_32(prediction_id))',
    );
  });

  it.each([
    [
      'DELETE FROM traffic_cell WHERE project = 1',
      ['DELETE FROM traffic_cell_local ON CLUSTER `main` WHERE project = 1'],
    ],
    ['DELETE FROM model WHERE project = 1', ['DELETE FROM model WHERE project = 1']],
    ['ALTER TABLE model ADD COLUMN IF NOT EXISTS a Int8', ['ALTER TABLE model ADD COLUMN IF NOT EXISTS a Int8']],
    [
      'ALTER TABLE label ADD COLUMN IF NOT EXISTS a Int8',
      [
        'ALTER TABLE label_local ON CLUSTER `main` ADD COLUMN IF NOT EXISTS a Int8',
        'ALTER TABLE label ON CLUSTER `main` ADD COLUMN IF NOT EXISTS a Int8',
      ],
    ],
    ['ALTER TABLE label MODIFY SETTING a = 1', ['ALTER TABLE label_local ON CLUSTER `main` MODIFY SETTING a = 1']],
    ['DROP TABLE IF EXISTS upload', ['DROP TABLE IF EXISTS upload ON CLUSTER `main` SYNC']],
    ['INSERT INTO feature_cell_hour SELECT 1', ['INSERT INTO feature_cell_hour SELECT 1']],
  ])('%s', async (sql, expected) => {
    expect(renderForCluster(sql, TARGET)).toEqual(expected);
    for (const each of expected) await store.query(format, { sql: each });
  });

  it('has only settings that the engine knows', async () => {
    const known = defineQuery({
      name: 'known settings',
      sql: 'SELECT name FROM system.settings WHERE name IN ({names:Array(String)})',
      params: z.object({ names: z.array(z.string()) }),
      row: z.object({ name: z.string() }),
    });
    const names = Object.keys(clusterSettings('prediction'));
    expect((await store.query(known, { names })).map(({ name }) => name).sort()).toEqual(names.sort());
    expect(clusterSettings('prediction')).toMatchObject({ insert_quorum_parallel: 1 });
    expect(clusterSettings('model')).toMatchObject({ insert_quorum_parallel: 0, select_sequential_consistency: '1' });
  });

  it('renders every command of ours', async () => {
    const folder = join(import.meta.dirname, 'tables');
    const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
    const sources = await Promise.all(files.map(async (file) => readFile(join(folder, file), 'utf8')));
    const commands = sources.flatMap((source) =>
      [...source.matchAll(/defineCommand\(\{\s*name: '([^']+)',\s*sql: [`']([^`']+)/g)].map(([, name, sql]) => [
        name!,
        sql!,
      ]),
    );
    expect(commands.length).toBeGreaterThan(8);
    for (const [, sql] of commands) {
      const text = sql!.replaceAll(/\$\{[^}]*\}/g, 'x');
      expect(renderForCluster(text, TARGET).join('; ')).not.toMatch(
        /DELETE FROM (traffic|feature|performance)_cell\w*(?<!_local) /,
      );
    }
  });

  it('refuses a statement that it cannot render', () => {
    expect(() => renderForCluster('OPTIMIZE TABLE model', TARGET)).toThrow(/no rendering for a cluster/);
    expect(() => renderForCluster('CREATE TABLE IF NOT EXISTS a (b Int8) ENGINE = Log', TARGET)).toThrow(
      /cannot be replicated/,
    );
  });
});
