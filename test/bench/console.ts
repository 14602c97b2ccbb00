// Page times of the console at a fleet of 1 000 models of 100 features on the embedded engine: each page is asked for over HTTP from a
// standalone server in a process of its own, again and again, with nothing else going on; what counts is the time to the last
// byte. The store is filled by the engine (test/support/fleet-store.ts), which takes minutes; --data FOLDER keeps it, or takes one
// that is filled already. Run: npm run bench:console [-- --models 1000 --features 100 --days 30 --data FOLDER]
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate, Store } from '@plumbline/storage';
import { fillFleetStore, fleetFeature, fleetModel } from '../support/fleet-store.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { cpuSecondsOf } from './process-usage.js';

const DAY_MS = 86_400_000;
const WARM_UPS = 3;
const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: '1000' },
    features: { type: 'string', default: '100' },
    days: { type: 'string', default: '30' },
    /** Models with hourly cells of features: those whose pages are looked at are among them. */
    cells: { type: 'string', default: '20' },
    requests: { type: 'string', default: '30' },
    data: { type: 'string' },
  },
});
const models = Number(options.models);
const features = Number(options.features);
const requests = Number(options.requests);

interface PageTimes {
  readonly page: string;
  readonly status: number;
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Processor time of the whole server while the page was asked for, a request: on a busy machine it says more than the clock. */
  readonly cpuMs: number;
  readonly sizeBytes: number;
}

const dataDir = options.data ?? (await mkdtemp(join(tmpdir(), 'plumbline-bench-console-')));
try {
  if (options.data === undefined || !existsSync(join(dataDir, 'engine'))) await fill(dataDir);
  const server = await StandaloneServer.start({ dataDir, env: { PLUMBLINE_LOG_LEVEL: 'warn' } });
  try {
    report(await measure(server));
  } finally {
    await server.stop();
  }
} finally {
  if (options.data === undefined) await rm(dataDir, { recursive: true, force: true });
}

async function fill(folder: string): Promise<void> {
  const store = await Store.open({ dataDir: folder, database: 'plumbline' });
  try {
    await migrate(store, Date.now());
    await fillFleetStore(store, {
      models,
      features,
      days: Number(options.days),
      endMs: Math.floor(Date.now() / DAY_MS) * DAY_MS,
      modelsWithCells: Math.min(models, Number(options.cells)),
      onTable: (table) => console.error(`filling ${table}`),
    });
  } finally {
    await store.close();
  }
}

async function measure({ url, pid }: StandaloneServer): Promise<PageTimes[]> {
  // A critical model, with an alert that fires; the first one may have windows of an hour, so it is the next.
  const model = fleetModel(Math.min(20, models - 1));
  const alerts = (await (await fetch(`${url}/v1/alerts?model=${model}&status=firing`)).json()) as {
    readonly items: readonly { readonly alert_id: string }[];
  };
  const alert = alerts.items[0];
  if (alert === undefined) throw new Error(`no alert of ${model} fires: fill the store anew`);
  const pages: readonly (readonly [page: string, path: string])[] = [
    ['fleet, first page, just after the start', '/'],
    ['fleet, first page', '/'],
    ['fleet, last page', `/?page=${Math.ceil(models / 50)}`],
    ['fleet, a search', '/?q=99'],
    ['model, overview', `/models/${model}`],
    ...['features', 'performance', 'quality', 'alerts', 'retraining', 'configuration'].map(
      (tab) => [`model, ${tab}`, `/models/${model}/${tab}`] as const,
    ),
    ['feature', `/models/${model}/features/${fleetFeature(0)}`],
    ['alerts', '/alerts'],
    ['alert', `/alerts/${alert.alert_id}`],
  ];
  const measured: PageTimes[] = [];
  for (const [page, path] of pages) {
    const times = await measurePage(page, url + path, pid);
    console.error(`${page}: ${Math.round(times.p50Ms)} ms`);
    measured.push(times);
  }
  return measured;
}

async function measurePage(page: string, address: string, pid: number): Promise<PageTimes> {
  const times: number[] = [];
  let status = 0;
  let sizeBytes = 0;
  let cpuSeconds = 0;
  for (let request = 0; request < WARM_UPS + requests; request++) {
    if (request === WARM_UPS) cpuSeconds = cpuSecondsOf(pid);
    const startMs = performance.now();
    const reply = await fetch(address, { headers: { accept: 'text/html' }, redirect: 'manual' });
    sizeBytes = (await reply.arrayBuffer()).byteLength;
    times.push(performance.now() - startMs);
    status = reply.status;
  }
  const sorted = times.slice(WARM_UPS).sort((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const cpuMs = ((cpuSecondsOf(pid) - cpuSeconds) * 1_000) / requests;
  return { page, status, firstMs: times[0]!, p50Ms: quantile(0.5), p95Ms: quantile(0.95), cpuMs, sizeBytes };
}

function report(pages: readonly PageTimes[]): void {
  console.log(
    `${models} models of ${features} features, ${requests} requests a page, one after another; ${cpus().length} cores (${cpus()[0]?.model})\n`,
  );
  console.log('| page | p50 | p95 | processor | first request | size |\n| --- | --- | --- | --- | --- | --- |');
  for (const { page, status, firstMs, p50Ms, p95Ms, cpuMs, sizeBytes } of pages) {
    const name = status === 200 ? page : `${page} (${status})`;
    const ms = (value: number): string => `${Math.round(value)} ms`;
    console.log(
      `| ${name} | ${ms(p50Ms)} | ${ms(p95Ms)} | ${ms(cpuMs)} | ${ms(firstMs)} | ${Math.round(sizeBytes / 1024)} kB |`,
    );
  }
}
