// What logging costs the caller: µs per call of logPrediction at 20 and 100 features, beside posthog-node's capture with the same values, in one
// process, in turns, each before a local server that takes everything. Then the memory of a full queue. posthog-node is fetched for it into .cache: it is
// no dependency, since nothing but this needs it. With python3, the same for the Python SDK. Run: npm run bench:sdk
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plumbline } from '../../sdk/typescript/dist/index.js';

const POSTHOG = 'posthog-node@5.70.0';
const CALLS = 10_000;
/** Calls of one turn of the event loop: a service handles some requests, then others have their turn. */
const TURN = 50;
const ROUNDS = 5;

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const folder = join(root, '.cache/bench-sdk');
if (!existsSync(join(folder, 'node_modules/posthog-node'))) {
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--silent', POSTHOG]);
}
const { PostHog } = createRequire(join(folder, 'x.js'))('posthog-node');

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":1}'));
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${server.address().port}`;

/** Four of five features are numbers; each call has values of its own. */
function featuresOf(count, call) {
  const features = {};
  for (let i = 0; i < count; i++)
    features[`feature_${i}`] = i % 5 === 4 ? `category ${(call + i) % 17}` : call * 0.37 + i / 7;
  return features;
}

/** Median over calls in µs of the caller's thread, and CPU of the whole process in µs a call, what happens afterwards included. */
async function measure(log, settle, count) {
  const turns = [];
  const cpu = process.cpuUsage();
  for (let call = 0; call < CALLS; call += TURN) {
    const inputs = Array.from({ length: TURN }, (_, i) => featuresOf(count, call + i));
    const startMs = performance.now();
    for (const features of inputs) log(features);
    turns.push(((performance.now() - startMs) * 1000) / TURN);
    await new Promise((turn) => setImmediate(turn));
  }
  await settle();
  const { user, system } = process.cpuUsage(cpu);
  turns.sort((a, b) => a - b);
  return {
    median: turns[turns.length >> 1],
    p99: turns[Math.floor(turns.length * 0.99)],
    cpu: (user + system) / CALLS,
  };
}

const output = { label: 1, score: 0.71 };
const contenders = {
  'plumbline logPrediction': async (count) => {
    const client = new Plumbline({ url, model: 'm', maxQueueBytes: 256 * 1024 * 1024 });
    const figures = await measure(
      (features) => client.logPrediction({ features, prediction: output }),
      () => client.flush(60_000),
      count,
    );
    assert.equal(client.statistics().accepted, CALLS);
    await client.close();
    return figures;
  },
  'posthog-node capture': async (count) => {
    const client = new PostHog('phc_bench', { host: url, flushAt: 500, flushInterval: 1_000, maxQueueSize: 50_000 });
    const figures = await measure(
      (features) =>
        client.capture({ distinctId: 'service', event: 'prediction', properties: { ...features, ...output } }),
      () => client.flush(),
      count,
    );
    await client.shutdown();
    return figures;
  },
};

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const rows = [];
for (const count of [20, 100]) {
  const found = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const figures = await run(count);
      if (round > 0) found[name].push(figures);
    }
  }
  for (const [name, runs] of Object.entries(found)) {
    const of = (key) => Number(median(runs.map((figures) => figures[key])).toFixed(1));
    rows.push({
      name,
      features: count,
      'µs a call': of('median'),
      'p99 of turns': of('p99'),
      'CPU µs, all threads': of('cpu'),
    });
  }
}
console.table(rows);
server.closeAllConnections();
server.close();

// A queue that nobody empties: memory stops growing at its bound, and calls stay quick.
globalThis.gc?.();
const before = process.memoryUsage();
const away = new Plumbline({ url: 'http://127.0.0.1:1', model: 'm', onError: () => {} });
const startMs = performance.now();
for (let call = 0; call < 100_000; call++) away.logPrediction({ features: featuresOf(100, call), prediction: output });
const tookMs = performance.now() - startMs;
globalThis.gc?.();
const after = process.memoryUsage();
const { queued, queuedBytes, dropped } = away.statistics();
const mebibytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
console.log(
  `queue without a server: ${queued} events, ${mebibytes(queuedBytes)} of JSON, ${dropped} dropped and counted; ` +
    `heap grew by ${mebibytes(after.heapUsed - before.heapUsed)}, resident memory by ${mebibytes(after.rss - before.rss)}; ` +
    `${((tookMs * 1000) / 100_000).toFixed(1)} µs a call, making the features included`,
);
await away.close(0);

const python = spawnSync('python3', [join(root, 'test/bench/sdk.py')], {
  env: { ...process.env, PYTHONPATH: join(root, 'sdk/python/src') },
  stdio: 'inherit',
});
if (python.error) console.log('skipped: the Python SDK, because there is no python3');
