// From the decision to the delivery: 1 000 alerts that fire at once, and the messages they become. Two worlds: 100 models of 10 features
// each, told model by model; and 1 000 models of one feature each, told together (group_by empty). The transitions are written
// as an evaluator writes them, at one instant; what is measured is the alerter of the built packages, on the embedded engine, with a webhook receiver on this
// machine. Run: npm run bench:notify
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AlerterModule } from '../../apps/alerter/dist/alerter.module.js';
import {
  configurationSchema,
  receiverDeclarationSchema,
  recordKey,
  routeDeclarationSchema,
} from '../../libs/contracts/dist/index.js';
import { insertTransitions, migrate, saveReceiver, saveRoute, Store } from '../../libs/storage/dist/index.js';
import { EventStream, InProcessEventStream } from '../../libs/stream/dist/index.js';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '../../libs/telemetry/dist/index.js';

const ALERTS = 1_000;
const WAIT_MS = 1_000;

/** Writes what fires, wakes the alerter and waits until a receiver knows of every alert. */
async function measure({ models, groupBy }) {
  const dataDir = await mkdtemp(join(tmpdir(), 'plumbline-bench-notify-'));
  const store = await Store.open({ dataDir, database: 'plumbline' });
  await migrate(store, Date.now());
  const toldAtMs = new Map();
  let messages = 0;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      messages += 1;
      const { alerts, truncatedAlerts } = JSON.parse(Buffer.concat(chunks).toString());
      for (const { fingerprint } of alerts) if (!toldAtMs.has(fingerprint)) toldAtMs.set(fingerprint, Date.now());
      // A message names 500 and counts the others; nothing but this one message tells of them.
      for (let i = 0; i < truncatedAlerts; i++) toldAtMs.set(`counted ${i}`, Date.now());
      response.writeHead(204).end();
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  const stream = new InProcessEventStream({
    partitions: 2,
    maxQueueBytes: 64_000_000,
    maxBatchRecords: 20_000,
    onHandlerError: (error) => {
      throw error;
    },
  });
  const configuration = configurationSchema.parse({ alerting: { allowedAddresses: ['127.0.0.0/8'], allowHttp: true } });
  const provided = [
    { provide: Store, useValue: store },
    { provide: EventStream, useValue: stream },
    { provide: CONFIGURATION, useValue: configuration },
  ];
  class PlatformModule {}
  Module({})(PlatformModule);
  class BenchModule {}
  const telemetry = {
    logger: createLogger({ level: 'error', format: 'json' }),
    metrics: new Metrics({ version: 'bench' }),
    health: new Health(),
    version: 'bench',
  };
  const exported = [Store, EventStream, CONFIGURATION];
  const platform = { module: PlatformModule, global: true, providers: provided, exports: exported };
  Module({ imports: [platform, TelemetryModule.forRoot(telemetry), AlerterModule] })(BenchModule);
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: false });
  try {
    const change = { project: 'p', updatedBy: 'bench', updatedAtMs: Date.now() - 60_000 };
    const receiver = receiverDeclarationSchema.parse({ channel: 'webhook', url });
    await saveReceiver(store, { ...change, receiver: 'team', declaration: receiver });
    const route = { receivers: ['team'], group_by: groupBy, group_wait: `${WAIT_MS / 1_000}s` };
    await saveRoute(store, { ...change, route: 'all', declaration: routeDeclarationSchema.parse(route) });
    const decidedAtMs = Date.now();
    const windowEndMs = Math.floor(decidedAtMs / 3_600_000) * 3_600_000;
    const perModel = ALERTS / models;
    const transitions = Array.from({ length: ALERTS }, (_, index) => {
      const [model, feature] = [Math.floor(index / perModel), index % perModel];
      return {
        project: 'p',
        model: `model-${model}`,
        monitor: 'feature-drift',
        version: '1',
        segment: '',
        feature: `feature-${feature}`,
        method: 'psi.decile',
        transitionId: `${model}-${feature}`,
        alertId: `alert-${model}-${feature}`,
        windowStartMs: windowEndMs - 3_600_000,
        windowEndMs,
        revision: 0,
        from: 'inactive',
        to: 'firing',
        severity: 'warning',
        severityBefore: 'ok',
        value: 0.2,
        threshold: 0.1,
        nCurrent: 1_000,
        pValue: 0.001,
        reason: 'bench',
        resolvedBy: '',
        decidedAtMs,
      };
    });
    await insertTransitions(store, transitions, 'bench');
    const names = Array.from({ length: models }, (_, model) => `model-${model}`);
    const records = names.map((model) => ({
      key: recordKey('p', model),
      value: { project: 'p', model },
      sizeBytes: 100,
    }));
    await stream.publish('plumbline.transitions', records);
    while (toldAtMs.size < ALERTS) await pause(20);
    const latencies = [...toldAtMs.values()].map((atMs) => atMs - decidedAtMs).sort((a, b) => a - b);
    const quantile = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
    return {
      messages,
      p50: quantile(0.5),
      p99: quantile(0.99),
      max: latencies.at(-1),
      allMs: Date.now() - decidedAtMs,
    };
  } finally {
    await app.close();
    await stream.stop();
    server.closeAllConnections();
    server.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

for (const world of [
  { models: 100, groupBy: ['model'] },
  { models: 1_000, groupBy: [] },
]) {
  const { messages, p50, p99, max } = await measure(world);
  const how = world.groupBy.length === 0 ? 'one group' : 'a group for each model';
  console.log(
    `${ALERTS} alerts of ${world.models} models, ${how}: ${messages} messages; decision to delivery p50 ${p50} ms, p99 ${p99} ms, ` +
      `last ${max} ms, of which group_wait is ${WAIT_MS} ms`,
  );
}
