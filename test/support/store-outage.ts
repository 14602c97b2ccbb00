import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import { EventTemplate } from '../bench/event-template.js';
import { peakBytesOf } from '../bench/process-usage.js';
import { AppProcess } from './app-process.js';
import { type ClickHouseFront, startClickHouseFront } from './clickhouse-server.js';
import { FaultProxy } from './fault-proxy.js';
import { SplitDeployment } from './split-deployment.js';

export type Topology = 'standalone' | 'distributed';

const MODEL = 'outage';
/** Batches that are made up once and sent again and again under other ids. */
const TEMPLATES = 4;
const DATABASE = 'outage';
const SAMPLE_MS = 250;

export interface OutageOptions {
  readonly topology: Topology;
  readonly connections: number;
  /** Events of a request. */
  readonly batch: number;
  readonly features: number;
  /** Events a second that clients offer; as many as they can when absent. */
  readonly rate?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What was stored in the end. */
export interface StoredCounts {
  /** Distinct raw rows. */
  readonly rows: number;
  /** Predictions that the cells count. */
  readonly counted: number;
  /** Whether the sum of the hashes of their ids is that of the rows. */
  readonly sameIds: boolean;
}

/**
 * A deployment whose way to the store can be broken, under load from clients that send what was refused again under the same ids. The
 * store is a ClickHouse server (the HTTP front of the tests) in both topologies: one that is embedded cannot be away.
 */
export class StoreOutage {
  /** Answers by status; `lost` counts connections without one. */
  readonly statuses: Record<string, number> = {};
  /** Refusals that do not say when to come again. */
  refusalsWithoutTime = 0;
  /** Events that were acknowledged. */
  acknowledged = 0;
  /** The most that one process held of the stream in memory, and the most that waited in all. */
  peakQueuedBytes = 0;
  peakLagRecords = 0;

  private nextBatch = 0;
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];

  private constructor(
    private readonly options: OutageOptions,
    private readonly front: ClickHouseFront,
    private readonly database: string,
    readonly proxy: FaultProxy,
    private readonly intake: AppProcess,
    /** Apps by name. */
    readonly apps: Readonly<Record<string, AppProcess>>,
    private readonly end: () => Promise<void>,
  ) {
    // Each client waits on it, and more than ten of them are no leak.
    setMaxListeners(0, this.stopping.signal);
  }

  static async start(options: OutageOptions): Promise<StoreOutage> {
    return options.topology === 'standalone' ? StoreOutage.standalone(options) : StoreOutage.distributed(options);
  }

  private static async standalone(options: OutageOptions): Promise<StoreOutage> {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-outage-'));
    const front = await startClickHouseFront({ dataDir: join(folder, 'store') });
    const proxy = await FaultProxy.start(front.port);
    const server = await AppProcess.launch({
      app: 'standalone',
      env: {
        PLUMBLINE_DATA_DIR: join(folder, 'data'),
        PLUMBLINE_CLICKHOUSE_URL: proxy.url,
        PLUMBLINE_CLICKHOUSE_DATABASE: DATABASE,
        PLUMBLINE_EVALUATION_ENABLED: 'false',
        ...options.env,
      },
    });
    return new StoreOutage(options, front, DATABASE, proxy, server, { standalone: server }, async () => {
      await server.kill('SIGKILL');
      await proxy.stop();
      await front.kill();
      await rm(folder, { recursive: true, force: true });
    });
  }

  private static async distributed(options: OutageOptions): Promise<StoreOutage> {
    const deployment = await SplitDeployment.start({ PLUMBLINE_EVALUATION_ENABLED: 'false', ...options.env });
    await deployment.migrate();
    const proxy = await FaultProxy.start(deployment.store.port);
    const env = { PLUMBLINE_CLICKHOUSE_URL: proxy.url };
    const api = await deployment.launch('api', env);
    const ingester = await deployment.launch('ingester', env);
    const database = deployment.env.PLUMBLINE_CLICKHOUSE_DATABASE!;
    return new StoreOutage(options, deployment.store, database, proxy, api, { api, ingester }, async () => {
      await proxy.stop();
      await deployment.stop();
    });
  }

  /** Lets the clients send until `finish`. */
  send(): void {
    const { connections, batch, features } = this.options;
    const startedAtMs = performance.now();
    const client = async (index: number): Promise<void> => {
      const template = new EventTemplate('ndjson', batch, features, 1 + (index % TEMPLATES), MODEL);
      while (!this.stopping.signal.aborted) {
        const number = this.nextBatch++;
        await this.pace(number, startedAtMs);
        await this.deliver(template, number);
      }
    };
    for (let index = 0; index < connections; index++) this.loops.push(client(index));
    this.loops.push(this.watch());
  }

  /** Stops sending new events, and resolves when all that was sent is acknowledged. Returns how many events that is. */
  async finish(): Promise<number> {
    this.stopping.abort();
    await Promise.all(this.loops);
    return this.nextBatch * this.options.batch;
  }

  /** Rows and cells as they stand in the store. */
  async stored(): Promise<StoredCounts> {
    const client = createClient({ url: this.front.url, database: this.database });
    try {
      const read = async (query: string): Promise<number> => {
        const result = await client.query({ query, format: 'JSONEachRow' });
        return Number((await result.json<{ n: string | number }>())[0]?.n ?? 0);
      };
      const rows = await read('SELECT uniqExact(prediction_id) AS n FROM prediction');
      const counted = await read(`SELECT sum(n) AS n FROM traffic_cell WHERE segment = ''`);
      const ids = await read(
        'SELECT sum(id_hash) AS n FROM (SELECT any(id_hash) AS id_hash FROM prediction GROUP BY prediction_id)',
      );
      const countedIds = await read(`SELECT sum(id_hash_sum) AS n FROM traffic_cell WHERE segment = ''`);
      return { rows, counted, sameIds: ids === countedIds };
    } finally {
      await client.close();
    }
  }

  /** Hours whose cells are not those of the raw rows, by the product's own check. */
  async mismatches(): Promise<number> {
    const reply = await this.intake.post(`/v1/models/${MODEL}/cells/verify`, {});
    return ((await reply.json()) as { mismatches: number }).mismatches;
  }

  /** The most memory that each process ever had, in bytes. */
  peakBytes(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.apps).map(([name, app]) => [name, peakBytesOf(app.pid)]));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.end();
  }

  private async pace(number: number, startedAtMs: number): Promise<void> {
    const { rate, batch } = this.options;
    if (rate === undefined) return;
    const waitMs = startedAtMs + (number * batch * 1000) / rate - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** Sends a batch until it is acknowledged, as a client that minds what it is told. */
  private async deliver(template: EventTemplate, number: number): Promise<void> {
    const timeMs = Date.now();
    for (;;) {
      const body = template.fill(number * this.options.batch, timeMs);
      const response = await fetch(`${this.intake.url}/v1/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        // Buffers are bodies of fetch; the types of Node lack them.
        body: body as unknown as string,
      }).catch(() => undefined);
      const status = response === undefined ? 'lost' : String(response.status);
      this.statuses[status] = (this.statuses[status] ?? 0) + 1;
      await response?.arrayBuffer().catch(() => undefined);
      if (response?.ok === true) {
        this.acknowledged += this.options.batch;
        return;
      }
      const seconds = Number(response?.headers.get('retry-after') ?? NaN);
      if (response !== undefined && !(seconds > 0)) this.refusalsWithoutTime += 1;
      await delay(1000 * (seconds > 0 ? seconds : 1));
    }
  }

  private async watch(): Promise<void> {
    const consumer = this.apps.ingester ?? this.intake;
    while (!this.stopping.signal.aborted) {
      const text = await fetch(`${consumer.url}/metrics`).then(
        async (response) => response.text(),
        () => '',
      );
      const read = (name: string): number =>
        Number(new RegExp(`^${name}\\{topic="plumbline\\.predictions"\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
      this.peakQueuedBytes = Math.max(this.peakQueuedBytes, read('plumbline_stream_queued_bytes'));
      this.peakLagRecords = Math.max(this.peakLagRecords, read('plumbline_stream_lag_records'));
      await delay(SAMPLE_MS);
    }
  }
}
