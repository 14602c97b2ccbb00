// Cost of evaluating the same 14 daily windows of 20 features over 100 000 and over 1 000 000 rows: windows are merges of
// cells, so the second must not cost ten times the first. Run: npm run bench:evaluation [-- rows rows …]
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../apps/standalone/dist/main.js');
const DAYS = 14;
const DAY_MS = 86_400_000;
const END_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const START_MS = END_MS - DAYS * DAY_MS;
const BATCH = 5_000;
const rowCounts = process.argv.slice(2).map(Number);
if (rowCounts.length === 0) rowCounts.push(100_000, 1_000_000);

/** Deterministic and fast; quality does not matter here. */
let state = 20_260_101;
const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;

function features() {
  const made = {};
  for (let i = 0; i < 16; i++) made[`number_${i}`] = Math.round((random() + random() + random()) * 1e6) / 1e3;
  for (let i = 0; i < 4; i++) made[`category_${i}`] = `value-${Math.floor(random() * 8)}`;
  return made;
}

async function request(url, method, path, type, body) {
  const response = await fetch(url + path, { method, headers: { 'content-type': type }, body });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function measure(rows) {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-bench-'));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      PLUMBLINE_DATA_DIR: join(folder, 'data'),
      PLUMBLINE_HTTP_PORT: String(port),
      PLUMBLINE_EVALUATION_ENABLED: 'false',
      PLUMBLINE_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    for (let tries = 0; tries < 200; tries++) {
      if (
        await fetch(`${url}/readyz`).then(
          (response) => response.ok,
          () => false,
        )
      )
        break;
      await new Promise((done) => setTimeout(done, 100));
    }
    const reference = Array.from({ length: 20_000 }, () =>
      JSON.stringify({ ...features(), pred: random() < 0.5 ? 1 : 0, score: random() }),
    ).join('\n');
    const mapping = encodeURIComponent(JSON.stringify({ prediction: 'pred', score: 'score' }));
    await request(
      url,
      'POST',
      `/v1/models/bench/versions/1/reference?mapping=${mapping}`,
      'application/x-ndjson',
      reference,
    );
    const importStart = performance.now();
    for (let first = 0; first < rows; first += BATCH) {
      const lines = [];
      for (let i = first; i < Math.min(first + BATCH, rows); i++) {
        lines.push(
          JSON.stringify({
            model: 'bench',
            prediction_id: `id-${i}`,
            timestamp: START_MS + Math.floor((i * DAYS * DAY_MS) / rows),
            features: features(),
            prediction: { label: random() < 0.5 ? 1 : 0, score: random() },
            latency_ms: 5 + random() * 20,
          }),
        );
      }
      await request(url, 'POST', '/v1/predictions', 'application/x-ndjson', lines.join('\n'));
    }
    const importSeconds = (performance.now() - importStart) / 1000;
    const evaluate = async () => {
      const start = performance.now();
      const body = JSON.stringify({
        model: 'bench',
        from: new Date(START_MS).toISOString(),
        to: new Date(END_MS).toISOString(),
      });
      let evaluation = await request(url, 'POST', '/v1/evaluations', 'application/json', body);
      while (evaluation.status === 'running') {
        await new Promise((done) => setTimeout(done, 10));
        evaluation = await (await fetch(`${url}/v1/evaluations/${evaluation.id}`)).json();
      }
      if (evaluation.status !== 'done') throw new Error(JSON.stringify(evaluation));
      return { ms: performance.now() - start, windows: evaluation.windows_total };
    };
    const first = await evaluate();
    const again = [await evaluate(), await evaluate(), await evaluate()].sort((a, b) => a.ms - b.ms)[1];
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8').catch(() => '');
    const peakMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    return { rows, importSeconds, first: first.ms, again: again.ms, windows: again.windows, peakMb };
  } finally {
    server.kill('SIGTERM');
    await new Promise((done) => server.once('exit', done));
    await rm(folder, { recursive: true, force: true });
  }
}

const results = [];
for (const rows of rowCounts) results.push(await measure(rows));
for (const { rows, importSeconds, first, again, windows, peakMb } of results) {
  console.log(
    `${rows} rows: ${windows} windows of 20 features; first evaluation with reconcile ${first.toFixed(0)} ms, again from cells ${again.toFixed(0)} ms (${(again / windows).toFixed(1)} ms a window); fed in ${importSeconds.toFixed(1)} s, server peak ${peakMb} MB`,
  );
}
if (results.length > 1) {
  const [small, large] = [results[0], results[results.length - 1]];
  console.log(
    `${large.rows / small.rows} times the rows cost ${(large.again / small.again).toFixed(2)} times the time`,
  );
}
