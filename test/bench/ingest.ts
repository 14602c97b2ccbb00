/**
 * How many events a second become durable raw rows and cells, by HTTP into one process and by Kafka into an ingester of its own,
 * beside the engine's own rate for the same rows and kafkajs's rate of consuming the same messages.
 *
 *   npm run bench:ingest -- [--seconds 60] [--features 100] [--forms ndjson,columns] [--ways http,kafka] [--batch 1000]
 *     [--connections 4] [--models 1]
 *
 * The load is bounded: by the seconds over HTTP, by --messages (60000) over Kafka. The server has a reference, so every value is
 * binned.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { AppProcess } from '../support/app-process.js';
import { SplitDeployment } from '../support/split-deployment.js';
import { EventTemplate, featureNames, uniformNumbers, type WireForm } from './event-template.js';
import { cpuSecondsOf, mainThreadSecondsOf, peakBytesOf } from './process-usage.js';

const CLI = join(import.meta.dirname, '../../apps/cli/dist/main.js');
const REFERENCE_ROWS = 20_000;
/** Of the engine's own insert, which is done up to three times, and not again once it has taken this long. */
const ENGINE_ROWS = 20_000;
const ENGINE_MS = 20_000;
/** Messages of which none is stored for this long are stuck. */
const STUCK_MS = 120_000;
/** Of the load that a drain meets. */
const DRAIN_AFTER_MS = 2_000;
const CONTENT_TYPES = { ndjson: 'application/x-ndjson', columns: 'application/vnd.plumbline.columns+json' };

interface Settings {
  readonly seconds: number;
  readonly features: number;
  readonly batch: number;
  /** Requests on their way at once, over HTTP. */
  readonly connections: number;
  /** Over HTTP, in turns among the connections. What is sent over Kafka is of one model. */
  readonly models: number;
  readonly messages: number;
}

const modelName = (index: number): string => `bench-${index}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      features: { type: 'string', default: '100' },
      forms: { type: 'string', default: 'ndjson,columns' },
      ways: { type: 'string', default: 'http,kafka' },
      batch: { type: 'string', default: '1000' },
      connections: { type: 'string', default: '4' },
      models: { type: 'string', default: '1' },
      messages: { type: 'string', default: '60000' },
    },
  });
  const settings: Settings = {
    seconds: Number(values.seconds),
    features: Number(values.features),
    batch: Number(values.batch),
    connections: Number(values.connections),
    models: Number(values.models),
    messages: Number(values.messages),
  };
  const one = new EventTemplate('ndjson', 1, settings.features, 1, modelName(0));
  console.log(
    `${settings.features} features (80 % numbers), ${one.bytes.length} bytes of JSON an event, ${cpus().length} cores, Node ${process.versions.node}`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  try {
    const rate = await engineRate(folder, settings);
    console.log(`engine INSERT … FROM file() of the same rows into the same table: ${perSecond(rate)}`);
    for (const form of values.forms.split(',') as WireForm[]) {
      if (values.ways.includes('http')) await benchHttp(form, folder, settings);
    }
    if (values.ways.includes('kafka')) await benchKafka(folder, settings);
  } finally {
    await AppProcess.killAll();
    await rm(folder, { recursive: true, force: true });
  }
}

/* HTTP into one process. */

async function benchHttp(form: WireForm, folder: string, settings: Settings): Promise<void> {
  const server = await AppProcess.launch({
    app: 'standalone',
    env: { PLUMBLINE_DATA_DIR: join(folder, `data-${form}`), PLUMBLINE_EVALUATION_ENABLED: 'false' },
  });
  for (let index = 0; index < settings.models; index += 1) {
    await uploadReference(server.url, modelName(index), folder, settings);
  }
  const templates = Array.from(
    { length: settings.connections },
    (_, index) =>
      new EventTemplate(form, settings.batch, settings.features, index + 1, modelName(index % settings.models)),
  );
  let nextId = 0;
  let accepted = 0;
  let refused = 0;
  const ownBefore = process.cpuUsage();
  const cpuBefore = cpuSecondsOf(server.pid);
  const mainBefore = mainThreadSecondsOf(server.pid);
  const startedAtMs = performance.now();
  const endAtMs = startedAtMs + settings.seconds * 1000;
  const post = async (template: EventTemplate): Promise<Response> => {
    const body = template.fill(nextId, Date.now());
    nextId += template.rows;
    return fetch(`${server.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': CONTENT_TYPES[form] },
      // Buffers are bodies of fetch; the types of Node lack them.
      body: body as unknown as string,
    });
  };
  const send = async (template: EventTemplate): Promise<void> => {
    while (performance.now() < endAtMs) {
      const response = await post(template);
      const reply = (await response.json()) as { accepted?: number };
      if (response.ok) accepted += reply.accepted ?? 0;
      else {
        refused += 1;
        await delay(100);
      }
    }
  };
  await Promise.all(templates.map(send));
  const seconds = (performance.now() - startedAtMs) / 1000;
  const cpu = cpuSecondsOf(server.pid) - cpuBefore;
  const main = mainThreadSecondsOf(server.pid) - mainBefore;
  const own = process.cpuUsage(ownBefore);
  console.log(
    `\nHTTP, ${form}, batches of ${settings.batch} over ${settings.connections} connections, ${settings.models} models, ${Math.round(templates[0]!.bytesPerEvent)} bytes an event`,
  );
  report(accepted, seconds, cpu, peakBytesOf(server.pid));
  console.log(`  of it the main thread ${((1e6 * main) / accepted).toFixed(1)} us an event`);
  console.log(
    `  sender ${((own.user + own.system) / accepted).toFixed(1)} us of CPU an event; ${refused} requests refused`,
  );
  await drainUnderLoad(
    server,
    templates.map((template) => () => post(template)),
  );
}

/** Ends the server while the same load goes on, and prints how long it took to finish what it had in hand. */
async function drainUnderLoad(server: AppProcess, posts: readonly (() => Promise<Response>)[]): Promise<void> {
  let isGone = false;
  const clients = posts.map(async (post) => {
    while (!isGone) {
      await post()
        .then((response) => response.arrayBuffer())
        .catch(() => (isGone = true));
    }
  });
  await delay(DRAIN_AFTER_MS);
  const startedAtMs = performance.now();
  const code = await server.kill('SIGTERM');
  const seconds = (performance.now() - startedAtMs) / 1000;
  isGone = true;
  await Promise.all(clients);
  console.log(`  SIGTERM under this load: ended with ${code} after ${seconds.toFixed(1)} s`);
}

/* Kafka into an ingester of its own, with the store behind HTTP. */

async function benchKafka(folder: string, settings: Settings): Promise<void> {
  const deployment = await SplitDeployment.start({
    PLUMBLINE_EVALUATION_ENABLED: 'false',
    // What the api writes there as well is read by a kafkajs that knows no other codec than gzip.
    PLUMBLINE_KAFKA_COMPRESSION: 'none',
  });
  try {
    await deployment.migrate();
    const api = await deployment.launch('api');
    const first = await deployment.launch('ingester');
    await uploadReference(api.url, modelName(0), folder, settings);
    const startCpu = cpuSecondsOf(first.pid);
    await first.stop();
    const topic = deployment.env.PLUMBLINE_KAFKA_TOPICS_PREDICTIONS!;
    const kafka = new kafkajs.Kafka({
      brokers: deployment.broker.brokers,
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 50 },
    });
    await produce(kafka, topic, 0, settings);
    const raw = await consumeRate(kafka, topic, settings);
    console.log(`\nKafka, one JSON object a message, ${settings.messages} messages waiting`);
    console.log(`  kafkajs eachBatch, counting only ${perSecond(raw)}`);
    const ingester = await deployment.launch('ingester');
    const frontBefore = cpuSecondsOf(deployment.store.pid);
    const startedAtMs = performance.now();
    const stored = await storedBy(ingester, settings.messages);
    const seconds = (performance.now() - startedAtMs) / 1000;
    // What it takes to start and to find its partitions is no cost of an event.
    report(stored, seconds, cpuSecondsOf(ingester.pid) - startCpu, peakBytesOf(ingester.pid));
    const front = cpuSecondsOf(deployment.store.pid) - frontBefore;
    console.log(
      `  store  ${((1e6 * front) / stored).toFixed(1)} us of CPU an event (engine behind the HTTP front of the tests)`,
    );
    await produce(kafka, topic, settings.messages, settings);
    await storedBy(ingester, settings.messages + 1);
    const drainAtMs = performance.now();
    const code = await ingester.kill('SIGTERM');
    const drainSeconds = (performance.now() - drainAtMs) / 1000;
    console.log(`  SIGTERM with more of them waiting: ended with ${code} after ${drainSeconds.toFixed(1)} s`);
  } finally {
    await deployment.stop();
  }
}

/** Resolves when the ingester has stored so many predictions, with how many these are. @throws Error when it gets no further */
async function storedBy(ingester: AppProcess, wanted: number): Promise<number> {
  let stored = 0;
  let progressAtMs = performance.now();
  while (stored < wanted) {
    await delay(200);
    const before = stored;
    const metrics = await (await fetch(`${ingester.url}/metrics`)).text();
    stored = Number(/^plumbline_events_ingested_total\{[^}]*kind="prediction"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0);
    if (stored > before) progressAtMs = performance.now();
    if (performance.now() - progressAtMs > STUCK_MS) throw new Error(`${stored} were stored, and then no more`);
  }
  return stored;
}

/** @param firstId of as many events as the settings say */
async function produce(kafka: kafkajs.Kafka, topic: string, firstId: number, settings: Settings): Promise<void> {
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const template = new EventTemplate('ndjson', settings.batch, settings.features, 1, modelName(0));
  for (let sent = 0; sent < settings.messages; sent += settings.batch) {
    const lines = template
      .fill(firstId + sent, Date.now())
      .toString()
      .split('\n');
    const messages = lines.map((value) => ({ key: `default/${modelName(0)}`, value }));
    // A request is limited to a mebibyte.
    for (let from = 0; from < messages.length; from += 250) {
      await producer.send({ topic, messages: messages.slice(from, from + 250) });
    }
  }
  await producer.disconnect();
}

async function consumeRate(kafka: kafkajs.Kafka, topic: string, { messages }: Settings): Promise<number> {
  const consumer = kafka.consumer({ groupId: `bench-${Date.now()}`, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  let startedAtMs = 0;
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          startedAtMs ||= performance.now();
          seen += batch.messages.length;
          if (seen >= messages) resolve();
        },
      })
      .catch(reject);
  });
  const seconds = (performance.now() - startedAtMs) / 1000;
  await consumer.disconnect();
  return seen / seconds;
}

/* What both share. */

async function uploadReference(url: string, model: string, folder: string, { features }: Settings): Promise<void> {
  const path = join(folder, 'reference.ndjson');
  const uniform = uniformNumbers(99);
  const { numeric, categorical } = featureNames(features);
  const lines = Array.from({ length: REFERENCE_ROWS }, () =>
    JSON.stringify({
      ...Object.fromEntries(numeric.map((name) => [name, 2 * (uniform() + uniform() + uniform()) - 3])),
      ...Object.fromEntries(categorical.map((name) => [name, `category-${Math.floor(uniform() * uniform() * 24)}`])),
      y: uniform() < 0.5 ? 0 : 1,
      p: uniform(),
    }),
  );
  await writeFile(path, lines.join('\n'));
  const mapping = ['--map', 'prediction=y', '--map', 'score=p'];
  const args = [CLI, 'reference', 'upload', path, '--model', model, ...mapping];
  await promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH, PLUMBLINE_URL: url } });
}

/** Rows a second of the engine's own insert, the best of up to three, with the rows as NDJSON in a file. */
async function engineRate(folder: string, { features }: Settings): Promise<number> {
  const rows = ENGINE_ROWS;
  const path = join(folder, 'events.ndjson');
  const template = new EventTemplate('ndjson', 5_000, features, 1, modelName(0));
  const parts: Buffer[] = [];
  for (let first = 0; first < rows; first += template.rows) {
    parts.push(Buffer.from(template.fill(first, Date.now())), Buffer.from('\n'));
  }
  await writeFile(path, Buffer.concat(parts));
  const { numeric, categorical } = featureNames(features);
  const { migration0002Events } = await import('../../libs/storage/dist/migrations/0002-events.js');
  const ddl = migration0002Events.statements.find((text) => text.includes('TABLE IF NOT EXISTS prediction'))!;
  const tuple = [...numeric.map((name) => `${name} Float64`), ...categorical.map((name) => `${name} String`)].join(
    ', ',
  );
  const structure = `model String, version String, prediction_id String, timestamp Int64, features Tuple(${tuple}), prediction Tuple(label Int32, score Float64)`;
  const list = (names: readonly string[]): string => names.map((name) => `features.${name}`).join(', ');
  const insert = `INSERT INTO prediction (project, model, version, prediction_id, timestamp, label, score, numbers, texts, id_hash, schema_id,
      value, latency_ms, received_at, precedence)
    SELECT 'bench', model, version, prediction_id, fromUnixTimestamp64Milli(timestamp), toString(prediction.label), prediction.score,
      [${list(numeric)}], [${list(categorical)}], murmurHash3_32(prediction_id), 1, nan, nan, now64(3), 1
    FROM file('${path}', JSONEachRow, '${structure}')`;
  const { Session } = await import('chdb');
  const session = new Session(join(folder, 'engine'));
  let best = 0;
  const beganAtMs = performance.now();
  for (let run = 0; run < 3 && performance.now() - beganAtMs < ENGINE_MS; run += 1) {
    session.query('DROP TABLE IF EXISTS prediction SYNC');
    session.query(ddl);
    const startedAtMs = performance.now();
    session.query(insert);
    best = Math.max(best, rows / ((performance.now() - startedAtMs) / 1000));
  }
  session.cleanup();
  return best;
}

function report(events: number, seconds: number, cpuSeconds: number, peakBytes: number): void {
  console.log(`  stored, raw and cells   ${perSecond(events / seconds)} over ${seconds.toFixed(0)} s`);
  console.log(
    `  process ${((1e6 * cpuSeconds) / events).toFixed(1)} us of CPU an event: ${perSecond(events / cpuSeconds)} per core of its CPU; peak ${Math.round(peakBytes / 2 ** 20)} MiB`,
  );
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString('en-US')}/s`;
}

await main();
