import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Health } from './health/health.js';
import { createLogger, Logger } from './log/logger.js';
import { NestLogger } from './log/nest-logger.js';
import { Metrics } from './metrics/metrics.js';
import { TelemetryModule } from './telemetry.module.js';

/** As an app uses it: by class, without importing the module. */
@Injectable()
class Consumer {
  constructor(
    readonly logger: Logger,
    readonly metrics: Metrics,
    readonly health: Health,
  ) {}
}

@Module({ providers: [Consumer] })
class ConsumerModule {}

describe('TelemetryModule over HTTP', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', format: 'json', destination: { write: (line) => lines.push(line) } });
  const metrics = new Metrics({ version: '1.2.3' });
  const health = new Health();
  let ok = true;
  let app: NestFastifyApplication;
  let url: string;

  beforeAll(async () => {
    health.register('store', async () => (ok ? { ok } : { ok, detail: 'connection refused' }));
    const telemetry = TelemetryModule.forRoot({ logger, metrics, health, version: '1.2.3' });
    @Module({ imports: [telemetry, ConsumerModule] })
    class AppModule {}
    app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
      logger: new NestLogger(logger),
    });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
  });

  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it('is injected by class everywhere', () => {
    const consumer = app.get(Consumer, { strict: false });
    expect(consumer.logger).toBe(logger);
    expect(consumer.metrics).toBe(metrics);
    expect(consumer.health).toBe(health);
  });

  it('keeps the start of Nest out of the log', () => {
    expect(lines).toEqual([]);
  });

  it('answers /healthz while the process lives, whatever its checks say', async () => {
    ok = false;
    const { status, headers, text } = await get('/healthz');
    ok = true;
    expect([status, JSON.parse(text)]).toEqual([200, { status: 'live' }]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('answers /version', async () => {
    const { status, text } = await get('/version');
    expect([status, JSON.parse(text)]).toEqual([200, { version: '1.2.3', node: process.versions.node }]);
  });

  it('answers /metrics as OpenMetrics', async () => {
    const { status, headers, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text).toMatch(/^plumbline_build_info\{version="1\.2\.3",.*\} 1$/m);
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('answers /readyz 200, then 503 with what is wrong, then 503 for good when draining', async () => {
    const ready = await get('/readyz');
    expect([ready.status, JSON.parse(ready.text)]).toEqual([200, { status: 'ready', checks: { store: { ok: true } } }]);
    ok = false;
    const broken = await get('/readyz');
    ok = true;
    expect([broken.status, JSON.parse(broken.text)]).toEqual([
      503,
      { status: 'not_ready', checks: { store: { ok: false, detail: 'connection refused' } } },
    ]);
    health.setDraining();
    const draining = await get('/readyz');
    expect([draining.status, JSON.parse(draining.text)]).toEqual([
      503,
      { status: 'draining', checks: { store: { ok: true } } },
    ]);
  });
});
