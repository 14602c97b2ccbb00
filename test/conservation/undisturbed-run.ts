import { Store } from '@plumbline/storage';
import { declare } from './declare.js';
import { readVerdicts, type Verdicts } from './judge/judge-alerts.js';
import type { LimitedDisk } from './limited-disk.js';
import { NotificationReceiver } from './notification-receiver.js';
import type { Oracle } from './oracle.js';
import { ServiceProcess } from './service-process.js';
import { evaluated } from './settled.js';
import { serviceSettings } from './service-settings.js';
import { trafficModels, wireOfLabel, wireOfPrediction } from './traffic.js';

const EVENTS_PER_REQUEST = 1_000;

/** Gives what was sent of the watched models to a fresh server, once, in order and without a fault. Returns what it came to. */
export async function runUndisturbed(oracle: Oracle, disk: LimitedDisk): Promise<Verdicts> {
  const dataDir = disk.folder('undisturbed');
  const receiver = await NotificationReceiver.start();
  const server = await ServiceProcess.create(
    'undisturbed',
    'standalone',
    { PLUMBLINE_DATA_DIR: dataDir, ...serviceSettings },
    (what, log) => {
      throw new Error(`${what}:\n${log}`);
    },
  );
  try {
    // Nothing is evaluated before all of it is there.
    await server.start({ env: { PLUMBLINE_EVALUATION_ENABLED: 'false' } });
    await declare(server.url, oracle.traffic, receiver.url);
    for (const [model, { name, watched }] of trafficModels.entries()) {
      if (watched) await send(server.url, oracle, model, name);
    }
    await server.end('SIGTERM');
    await server.start();
    await evaluated([server.url]);
    await server.end('SIGTERM');
  } finally {
    await server.end('SIGKILL');
    await receiver.stop();
  }
  const store = await Store.open({ dataDir, database: 'plumbline' });
  try {
    return await readVerdicts(store);
  } finally {
    await store.close();
  }
}

async function send(url: string, oracle: Oracle, model: number, name: string): Promise<void> {
  const predictions: object[] = [];
  for (let index = 0; index < oracle.issuedOf(model); index++) {
    if (oracle.wasSent(model, index)) predictions.push(wireOfPrediction(name, oracle.traffic.prediction(model, index)));
  }
  await post(`${url}/v1/predictions`, predictions);
  const labels: object[] = [];
  for (let index = 0; index < oracle.labelsUpTo(model); index++) {
    const label = oracle.labelOf(model, index);
    if (label !== undefined) labels.push(wireOfLabel(name, label));
  }
  await post(`${url}/v1/labels`, labels);
}

async function post(url: string, events: readonly object[]): Promise<void> {
  for (let i = 0; i < events.length; i += EVENTS_PER_REQUEST) {
    const body = JSON.stringify(events.slice(i, i + EVENTS_PER_REQUEST));
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = await response.text();
    if (!response.ok || !answer.includes('"rejected_count":0'))
      throw new Error(`POST ${url}: ${response.status} ${answer}`);
  }
}
