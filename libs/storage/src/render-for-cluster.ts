import type { ClickHouseSettings } from '@clickhouse/client';
import { StorageError } from './storage-error.js';

/** Where the tables of a cluster are. */
export interface ClusterTarget {
  readonly cluster: string;
  readonly database: string;
}

/**
 * Tables that grow with the traffic, with the expression that decides a row's shard; all others are small and whole on every
 * server (ADR 0011). An id is on one shard, so that rows which replace one another meet; the cells of an hour are on one shard,
 * so that what vouches for them, what replaces them and what they are summed into are beside them.
 */
export const SHARDING_KEYS: Readonly<Record<string, string>> = {
  prediction: 'murmurHash3_32(prediction_id)',
  label: 'murmurHash3_32(prediction_id)',
  feature_cell: 'cityHash64(project, model, toStartOfHour(minute))',
  traffic_cell: 'cityHash64(project, model, toStartOfHour(minute))',
  performance_cell: 'cityHash64(project, model, toStartOfHour(minute))',
  feature_cell_hour: 'cityHash64(project, model, hour)',
};

/** Settings of a statement on a cluster. @param table that it writes to; undefined for one that only reads */
export function clusterSettings(table: string | undefined, quorum = 'auto'): ClickHouseSettings {
  return {
    // Acknowledged means that the shards have it, not that the server we talk to will send it on.
    distributed_foreground_insert: 1,
    // A subquery over a sharded table is asked once and its answer sent to the shards.
    distributed_product_mode: 'global',
    // Where the result of a SELECT belongs is decided by the sharding key, not by where it was computed.
    parallel_distributed_insert_select: '0',
    // Reads go where writes went as long as that replica is there.
    load_balancing: 'in_order',
    insert_quorum: quorum,
    // One insert at a time is what makes sequential reads possible; ingest would queue behind itself.
    insert_quorum_parallel: table !== undefined && table in SHARDING_KEYS ? 1 : 0,
    // Reads of small tables see every acknowledged write, whichever server answers.
    select_sequential_consistency: '1',
  };
}

/**
 * Returns what a statement of ours is on a cluster: a table becomes replicated, and one that is sharded a pair, NAME_local on
 * every shard and NAME over all of them.
 * @throws StorageError for a statement that has no rendering yet
 */
export function renderForCluster(sql: string, target: ClusterTarget): readonly string[] {
  const text = sql.trim();
  const [, verb, table] =
    /^(CREATE TABLE IF NOT EXISTS|ALTER TABLE|DELETE FROM|DROP TABLE IF EXISTS|INSERT INTO) (\w+)/.exec(text) ?? [];
  const shardingKey = table === undefined ? undefined : SHARDING_KEYS[table];
  switch (verb) {
    case 'INSERT INTO':
      return [text];
    case 'CREATE TABLE IF NOT EXISTS':
      return createTable(text, table!, shardingKey, target);
    case 'ALTER TABLE':
      return alterTable(text, table!, shardingKey, target);
    case 'DELETE FROM':
      return [
        shardingKey === undefined
          ? text
          : text.replace(/^DELETE FROM \w+/, `DELETE FROM ${table}_local${onCluster(target.cluster)}`),
      ];
    case 'DROP TABLE IF EXISTS': {
      const drop = (name: string): string => `DROP TABLE IF EXISTS ${name}${onCluster(target.cluster)} SYNC`;
      return shardingKey === undefined ? [drop(table!)] : [drop(table!), drop(`${table}_local`)];
    }
    default:
      throw new StorageError(`no rendering for a cluster of: ${text.slice(0, 80)}`, 'migration', false);
  }
}

function createTable(
  text: string,
  table: string,
  shardingKey: string | undefined,
  { cluster, database }: ClusterTarget,
): string[] {
  const local = shardingKey === undefined ? table : `${table}_local`;
  // Small tables are one set of replicas over all shards, so every server of the cluster is a replica of its own.
  const path = `/clickhouse/tables/${database}/${local}${shardingKey === undefined ? '' : '/{shard}'}`;
  const replica = shardingKey === undefined ? '{shard}-{replica}' : '{replica}';
  const created = text
    .replace(/^CREATE TABLE IF NOT EXISTS \w+/, `CREATE TABLE IF NOT EXISTS ${local}${onCluster(cluster)}`)
    // The last one: columns of an uploaded file stand before it, and may be called anything.
    .replace(
      /^([\s\S]*)\bENGINE = (\w*MergeTree)\b(?:\(([^)]*)\))?/,
      (_, before: string, engine: string, args: string | undefined) =>
        `${before}ENGINE = Replicated${engine}('${path}', '${replica}'${args === undefined || args === '' ? '' : `, ${args}`})`,
    )
    // A token is remembered for a week, as long as a backlog may wait.
    .replace(
      /\bnon_replicated_deduplication_window = (\d+)/,
      'replicated_deduplication_window = $1, replicated_deduplication_window_seconds = 604800',
    );
  if (!/ENGINE = Replicated/.test(created)) {
    throw new StorageError(`table ${table} has an engine that cannot be replicated`, 'migration', false);
  }
  if (shardingKey === undefined) return [created];
  return [
    created,
    `CREATE TABLE IF NOT EXISTS ${table}${onCluster(cluster)} AS ${quoted(database)}.${local}
     ENGINE = Distributed(${quoted(cluster)}, ${quoted(database)}, ${local}, ${shardingKey})`,
  ];
}

function alterTable(
  text: string,
  table: string,
  shardingKey: string | undefined,
  { cluster }: ClusterTarget,
): string[] {
  // One replica hands it to all the others.
  if (shardingKey === undefined) return [text];
  const on = (name: string): string => text.replace(/^ALTER TABLE \w+/, `ALTER TABLE ${name}${onCluster(cluster)}`);
  // Indexes, settings and time-outs belong to the local table alone.
  return /\b(ADD|DROP|MODIFY|RENAME) COLUMN\b/.test(text) ? [on(`${table}_local`), on(table)] : [on(`${table}_local`)];
}

/** The clause that sends a statement to every server of the cluster; "" without one. */
export function onCluster(cluster: string | undefined): string {
  return cluster === undefined ? '' : ` ON CLUSTER ${quoted(cluster)}`;
}

/** An identifier of SQL. */
function quoted(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}
