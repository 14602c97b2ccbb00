/**
 * Imports a generated file through the command line into a fresh standalone server, and inserts the same rows by the engine's
 * own `INSERT … SELECT … FROM file()` beside it. Prints rates, their ratio, and peak memory.
 *
 *   npm run bench:import -- [--rows 1000000] [--features 20] [--formats parquet,ndjson] [--keep]
 *
 * The engine's rates are for the very table that an import fills, for a table with just the layout of its features, and for a
 * plain one.
 *
 * The plain one is a MergeTree with one column per feature; the layout is arrays with fsync. None of the three checks,
 * registers, deduplicates, counts cells or acknowledges batches: ceilings, not rivals. The server has a reference, so that it
 * bins every value into cells as it would in use.
 */
import { execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = join(ROOT, 'apps/cli/dist/main.js');
const STANDALONE = join(ROOT, 'apps/standalone/dist/main.js');
const ROWS_PER_GROUP = 100_000;
const REFERENCE_ROWS = 20_000;
const DAYS = 10;
const DAY_MS = 86_400_000;

async function main() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      features: { type: 'string', default: '20' },
      formats: { type: 'string', default: 'parquet,ndjson' },
      keep: { type: 'boolean', default: false },
    },
  });
  const rows = Number(values.rows);
  const features = featuresOf(Number(values.features));
  const formats = values.formats.split(',');
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  console.log(`${rows} rows x ${features.length} features, ${cpus().length} cores, Node ${process.versions.node}`);
  try {
    const files = { parquet: join(folder, 'rows.parquet'), ndjson: join(folder, 'events.ndjson') };
    await writeParquet(files.parquet, rows, features, 1);
    await writeEvents(files.ndjson, rows, features, 1);
    await writeParquet(join(folder, 'reference.parquet'), REFERENCE_ROWS, features, 2);
    for (const format of formats) {
      const { size } = await stat(files[format]);
      console.log(`${format}: ${(size / 1e6).toFixed(0)} MB`);
    }
    for (const format of formats) await benchFormat({ format, file: files[format], folder, rows, features });
  } finally {
    if (values.keep) console.log(`kept ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

async function benchFormat({ format, file, folder, rows, features }) {
  const engine = await engineRate({ format, file, folder: join(folder, `engine-${format}`), rows, features });
  const server = await startServer(join(folder, `data-${format}`));
  try {
    await cli(server.url, [
      'reference',
      'upload',
      join(folder, 'reference.parquet'),
      '--model',
      'bench',
      ...REFERENCE_MAP,
    ]);
    const dry = await cli(server.url, [...importArguments(format, file), '--dry-run']);
    const cpuBefore = server.cpuSeconds();
    const load = await cli(server.url, importArguments(format, file));
    const report = JSON.parse(load.stdout);
    if (report.accepted !== rows) throw new Error(`${report.accepted} of ${rows} rows accepted: ${load.stdout}`);
    const encode = JSON.parse(dry.stdout);
    console.log(`\n${format}`);
    const share = (ceiling) => `${((100 * report.rows_per_second) / ceiling).toFixed(1)} %`;
    console.log(`  plumbline import                        ${rate(report.rows_per_second)}`);
    console.log(
      `  engine INSERT … FROM file(), same table ${rate(engine.tableRate)}   import is ${share(engine.tableRate)}`,
    );
    console.log(
      `  engine INSERT … FROM file(), raw layout ${rate(engine.rawRate)}   import is ${share(engine.rawRate)}`,
    );
    console.log(
      `  engine INSERT … FROM file(), plain table${rate(engine.plainRate)}   import is ${share(engine.plainRate)}`,
    );
    console.log(`  CLI decode and encode alone    ${encode.client_cpu_us_per_row} us of CPU a row`);
    console.log(`  CLI with sending               ${report.client_cpu_us_per_row} us of CPU a row`);
    console.log(
      `  server                         ${((1e6 * (server.cpuSeconds() - cpuBefore)) / rows).toFixed(2)} us of CPU a row`,
    );
    console.log(
      `  peak memory                    server ${megabytes(server.peakBytes())}, CLI ${megabytes(load.peakBytes)}`,
    );
  } finally {
    await server.stop();
  }
}

const REFERENCE_MAP = ['prediction_id=id', 'timestamp=ts', 'prediction=y', 'score=p'].flatMap((role) => [
  '--map',
  role,
]);

function importArguments(format, file) {
  const mapping = [
    '--model',
    'bench',
    '--timestamp',
    'ts',
    '--prediction',
    'y',
    '--score',
    'p',
    '--prediction-id',
    'id',
  ];
  return ['import', 'predictions', file, '--json', ...(format === 'parquet' ? mapping : [])];
}

/* What is imported. */

/** Three quarters numeric (heavy tails, counts and zeros among them), the rest categorical, the last boolean. */
function featuresOf(count) {
  const kinds = ['normal', 'lognormal', 'count', 'zeros', 'category'];
  return Array.from({ length: count }, (_, index) => ({
    name: `f${String(index).padStart(2, '0')}`,
    kind: index === count - 1 ? 'boolean' : kinds[index % kinds.length],
  }));
}

/** Yields the rows in blocks of columns; the same seed gives the same rows. */
function* blocks(rows, features, seed) {
  const uniform = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const draw = {
    normal: () => normal(),
    lognormal: () => Math.exp(normal()),
    count: () => Math.floor(-8 * Math.log(1 - uniform())),
    zeros: () => (uniform() < 0.6 ? 0 : Math.exp(normal())),
    category: () => `category-${Math.floor(uniform() * uniform() * 24)}`,
    boolean: () => uniform() < 0.3,
  };
  const startMs = Math.floor(Date.now() / DAY_MS - DAYS) * DAY_MS;
  for (let first = 0; first < rows; first += ROWS_PER_GROUP) {
    const count = Math.min(ROWS_PER_GROUP, rows - first);
    const column = (make) => Array.from({ length: count }, make);
    const score = column(() => uniform());
    yield {
      count,
      id: column((_, index) => `${seed}-${String(first + index).padStart(12, '0')}`),
      ts: column((_, index) => startMs + Math.floor(((first + index) / rows) * DAYS * DAY_MS)),
      score,
      label: score.map((value) => (value < 0.5 ? 0 : 1)),
      features: features.map(({ kind }) => column(draw[kind])),
    };
  }
}

async function writeParquet(path, rows, features, seed) {
  const type = { category: 'STRING', boolean: 'BOOLEAN', count: 'INT32' };
  const schema = [
    { name: 'root', num_children: features.length + 4 },
    { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    { name: 'ts', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
    { name: 'p', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    { name: 'y', type: 'INT32', repetition_type: 'REQUIRED' },
    ...features.map(({ name, kind }) =>
      kind === 'category'
        ? { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }
        : { name, type: type[kind] ?? 'DOUBLE', repetition_type: 'REQUIRED' },
    ),
  ];
  const writer = new ParquetWriter({ writer: fileWriter(path), schema });
  for (const block of blocks(rows, features, seed)) {
    await writer.write({
      columnData: [
        { name: 'id', data: block.id },
        { name: 'ts', data: block.ts.map((ms) => new Date(ms)) },
        { name: 'p', data: block.score },
        { name: 'y', data: block.label },
        ...features.map(({ name }, index) => ({ name, data: block.features[index] })),
      ],
    });
  }
  await writer.finish();
}

async function writeEvents(path, rows, features, seed) {
  const file = createWriteStream(path);
  for (const block of blocks(rows, features, seed)) {
    const lines = [];
    for (let index = 0; index < block.count; index += 1) {
      const values = Object.fromEntries(features.map(({ name }, column) => [name, block.features[column][index]]));
      lines.push(
        JSON.stringify({
          model: 'bench',
          version: '1',
          prediction_id: block.id[index],
          timestamp: block.ts[index],
          features: values,
          prediction: { label: block.label[index], score: block.score[index] },
        }),
      );
    }
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/* The engine by itself, in a process of its own: it takes and keeps memory as it likes. */

async function engineRate(request) {
  const child = fork(fileURLToPath(import.meta.url), ['engine'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(request);
  const [reply] = await once(child, 'message');
  if (child.exitCode === null) await once(child, 'exit');
  return reply;
}

async function runEngine() {
  const [{ format, file, folder, rows, features }] = await once(process, 'message');
  const { Session } = await import('chdb');
  const session = new Session(folder);
  const type = { category: 'LowCardinality(String)', boolean: 'Bool', count: 'Int32' };
  const columns = features.map(({ name, kind }) => `${name} ${type[kind] ?? 'Float64'}`);
  const plain = columns.map((column) => column.replace('LowCardinality(String)', 'String'));
  const names = features.map(({ name }) => name);
  const select =
    format === 'parquet'
      ? `SELECT 'bench', '1', id, ts, toString(y), p, ${names.join(', ')} FROM file('${file}', Parquet)`
      : `SELECT model, version, prediction_id, fromUnixTimestamp64Milli(timestamp), toString(prediction.label), prediction.score, ${names
          .map((name) => `features.${name}`)
          .join(', ')} FROM file('${file}', JSONEachRow, 'model String, version String, prediction_id String, ` +
        `timestamp Int64, features Tuple(${plain.join(', ')}), prediction Tuple(label Int32, score Float64)')`;
  const numbers = features.filter(({ kind }) => kind !== 'category' && kind !== 'boolean').map(({ name }) => name);
  const texts = features.filter(({ name }) => !numbers.includes(name)).map(({ name }) => name);
  const prefix = format === 'parquet' ? '' : 'features.';
  const arrays = `[${numbers.map((name) => `toFloat64(${prefix}${name})`).join(', ')}], [${texts
    .map((name) => `toString(${prefix}${name})`)
    .join(', ')}]`;
  const common =
    `model LowCardinality(String), version LowCardinality(String), prediction_id String, timestamp DateTime64(3, 'UTC'), ` +
    `label LowCardinality(String), score Float64`;
  const key = `PARTITION BY toDate(timestamp) ORDER BY (model, toStartOfHour(timestamp), prediction_id)`;
  const plainRate = measureInsert(session, rows, `${common}, ${columns.join(', ')}`, `MergeTree ${key}`, select);
  // The layout of our own raw rows, and as durable as they are.
  const rawRate = measureInsert(
    session,
    rows,
    `${common}, numbers Array(Float64), texts Array(LowCardinality(String)), id_hash UInt32`,
    `ReplacingMergeTree ${key} SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    select.replace(
      /(toString\((?:y|prediction\.label)\), (?:p|prediction\.score)), .* FROM/,
      `$1, ${arrays}, murmurHash3_32(${format === 'parquet' ? 'id' : 'prediction_id'}) FROM`,
    ),
  );
  // The very table that imports fill: all its columns, its engine, index and durability.
  const { migration0002Events } = await import('../../libs/storage/dist/migrations/0002-events.js');
  const ddl = migration0002Events.statements.find((statement) => statement.includes('TABLE IF NOT EXISTS prediction'));
  const [, body] = /^CREATE TABLE IF NOT EXISTS prediction \(([^]*)$/.exec(ddl.trim());
  const tableRate = measure(
    session,
    rows,
    `CREATE TABLE bench.prediction (${body}`,
    `INSERT INTO bench.prediction (project, model, version, prediction_id, timestamp, label, score, numbers, texts, id_hash, schema_id,
       value, latency_ms, received_at, precedence) ` +
      select
        .replace(
          /(toString\((?:y|prediction\.label)\), (?:p|prediction\.score)), .* FROM/,
          `$1, ${arrays}, murmurHash3_32(${format === 'parquet' ? 'id' : 'prediction_id'}), 1, nan, nan, now64(3), 1 FROM`,
        )
        .replace('SELECT ', `SELECT 'bench', `),
  );
  session.cleanup();
  process.send({ plainRate, rawRate, tableRate }, () => process.exit(0));
}

/** Rows per second of the insert, the median of three. */
function measureInsert(session, rows, columns, engine, select) {
  return measure(
    session,
    rows,
    `CREATE TABLE bench.prediction (${columns}) ENGINE = ${engine}`,
    `INSERT INTO bench.prediction ${select}`,
  );
}

function measure(session, rows, create, insert) {
  const seconds = [];
  for (let run = 0; run < 3; run += 1) {
    session.query('CREATE DATABASE IF NOT EXISTS bench');
    session.query('DROP TABLE IF EXISTS bench.prediction SYNC');
    session.query(create);
    const startedAtMs = performance.now();
    session.query(insert);
    seconds.push((performance.now() - startedAtMs) / 1000);
    const stored = Number(session.query('SELECT count() FROM bench.prediction', 'TabSeparated').trim());
    if (stored !== rows) throw new Error(`the engine stored ${stored} of ${rows} rows`);
  }
  return rows / seconds.sort((a, b) => a - b)[1];
}

/* The server and the command line, as processes of their own. */

async function startServer(dataDir) {
  const port = await freePort();
  const logFile = `${dataDir}.log`;
  const log = openSync(logFile, 'w');
  const child = spawn(process.execPath, ['--max-semi-space-size=32', STANDALONE], {
    env: {
      PATH: process.env.PATH,
      PLUMBLINE_DATA_DIR: dataDir,
      PLUMBLINE_HTTP_PORT: String(port),
      PLUMBLINE_EVALUATION_ENABLED: 'false',
    },
    stdio: ['ignore', log, log],
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    await delay(50);
  }
  return {
    url,
    peakBytes: () => peakBytesOf(child.pid),
    cpuSeconds: () => cpuSecondsOf(child.pid),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function cli(url, args) {
  const running = promisify(execFile)(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, PLUMBLINE_URL: url },
    maxBuffer: 1 << 26,
  });
  // The kernel's own peak, which only rises: the last value read before the process ends is the peak but for its last moment.
  let peakBytes = 0;
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakBytesOf(running.child.pid));
  }, 20);
  const { stdout } = await running.finally(() => clearInterval(poll));
  return { stdout, peakBytes };
}

function peakBytesOf(pid) {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0;
  }
}

/** User and system time so far; a tick is 10 ms on every Linux that Node runs on. */
function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

function rate(rowsPerSecond) {
  return `${Math.round(rowsPerSecond).toLocaleString('en-US').padStart(11)} rows/s`;
}

function megabytes(bytes) {
  return bytes === 0 ? 'unknown' : `${Math.round(bytes / 2 ** 20)} MiB`;
}

if (process.argv[2] === 'engine') await runEngine();
else await main();
