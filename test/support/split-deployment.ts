import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppName, AppProcess, runApp } from './app-process.js';
import { type ClickHouseFront, startClickHouseFront } from './clickhouse-server.js';
import { type KafkaBroker, type KafkaBrokerOptions, startKafkaBroker } from './kafka-broker.js';

/** A broker, a store with an HTTP interface, and apps as processes of their own that meet there. */
export class SplitDeployment {
  private constructor(
    private readonly folder: string,
    readonly broker: KafkaBroker,
    readonly store: ClickHouseFront,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** Starts broker and store; `CLICKHOUSE_URL` and `KAFKA_BROKERS` name ones that are there. No table is made yet. */
  static async start(
    settings: Readonly<Record<string, string>> = {},
    brokerOptions: KafkaBrokerOptions = {},
  ): Promise<SplitDeployment> {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-split-'));
    const broker = await startKafkaBroker(brokerOptions);
    const front = await startClickHouseFront({ dataDir: join(folder, 'store') });
    return new SplitDeployment(folder, broker, front, settings);
  }

  /** The environment that all apps share. */
  get env(): Readonly<Record<string, string>> {
    const run = this.run;
    return {
      PLUMBLINE_DATA_DIR: join(this.folder, 'data'),
      PLUMBLINE_CLICKHOUSE_URL: process.env.CLICKHOUSE_URL ?? this.store.url,
      PLUMBLINE_CLICKHOUSE_DATABASE: `split_${run}`,
      PLUMBLINE_KAFKA_BROKERS: this.broker.brokers.join(','),
      PLUMBLINE_KAFKA_GROUP_PREFIX: `${run}.`,
      PLUMBLINE_KAFKA_TOPICS_PREDICTIONS: `${run}.predictions`,
      PLUMBLINE_KAFKA_TOPICS_LABELS: `${run}.labels`,
      PLUMBLINE_KAFKA_TOPICS_TICKS: `${run}.ticks`,
      PLUMBLINE_KAFKA_TOPICS_TRANSITIONS: `${run}.transitions`,
      PLUMBLINE_KAFKA_TOPICS_DEAD_LETTERS: `${run}.dead-letters`,
      PLUMBLINE_KAFKA_PARTITIONS: '6',
      // A member that was killed is missed after that.
      PLUMBLINE_KAFKA_SESSION_TIMEOUT: '6s',
      PLUMBLINE_EVALUATION_TICK: '1s',
      PLUMBLINE_ALERTING_SCAN: '2s',
      PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
      PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
      ...this.settings,
    };
  }

  private readonly run = randomUUID().slice(0, 8);

  async migrate(): Promise<void> {
    const { code, output } = await runApp('ingester', ['--migrate'], this.env);
    if (code !== 0) throw new Error(`the migration ended with ${code}:\n${output}`);
  }

  async launch(app: AppName, env: Readonly<Record<string, string>> = {}, port?: number): Promise<AppProcess> {
    return AppProcess.launch({ app, env: { ...this.env, ...env }, port });
  }

  async stop(): Promise<void> {
    await AppProcess.killAll();
    await this.store.kill();
    await this.broker.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
