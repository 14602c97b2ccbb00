import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { configurationSchema } from '@plumbline/contracts';
import { createHttpAdapter } from '@plumbline/platform';
import { migrate, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { ApiModule } from '../../apps/api/src/api.module.js';
import { configureHttp } from '../../apps/api/src/http/configure-http.js';
import { BrokerStream } from './broker-stream.js';

export const KEYS = { admin: 'admin-key-0123456789', read: 'read-key-0123456789', other: 'other-key-0123456789' };

export interface Page {
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

/** The api on a store of its own, with keys of two projects: "p" (to change, and to read) and "other". */
export class ConsoleServer {
  readonly stream = new BrokerStream();

  private constructor(
    readonly store: Store,
    private readonly dataDir: string,
  ) {}

  /** Where it listens. */
  url!: string;
  private app!: NestFastifyApplication;

  /** @param settings of the configuration, as they differ from the keys above */
  static async open(settings: object = {}): Promise<ConsoleServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'plumbline-console-'));
    const store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
    const server = new ConsoleServer(store, dataDir);
    await server.listen(settings);
    return server;
  }

  /** Returns a person who has signed in with a key, in a browser without script. */
  async visitor(key: keyof typeof KEYS = 'admin'): Promise<ConsoleVisitor> {
    const visitor = new ConsoleVisitor(this.url);
    const page = await visitor.post('/sign-in', { key: KEYS[key] });
    if (page.status !== 303) throw new Error(`sign-in gave ${page.status}`);
    return visitor;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.store.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private async listen(settings: object): Promise<void> {
    const configuration = configurationSchema.parse({
      apiKeys: [
        { key: KEYS.admin, project: 'p', scopes: ['read', 'admin'] },
        { key: KEYS.read, project: 'p', scopes: ['read'] },
        { key: KEYS.other, project: 'other', scopes: ['read', 'admin'] },
      ],
      ...settings,
    });
    const telemetry = TelemetryModule.forRoot({
      logger: createLogger({ level: 'error', format: 'json' }),
      metrics: new Metrics({ version: '1.2.3' }),
      health: new Health(),
      version: '1.2.3',
    });
    const providers = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: Store, useValue: this.store },
      { provide: EventStream, useValue: this.stream },
    ];
    @Global()
    @Module({ providers, exports: providers })
    class PlatformModule {}
    @Module({ imports: [telemetry, PlatformModule, ApiModule] })
    class AppModule {}
    this.app = await NestFactory.create<NestFastifyApplication>(AppModule, createHttpAdapter(), {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    });
    configureHttp(this.app);
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
  }
}

/** Keeps cookies and sends what a browser sends with a form. */
export class ConsoleVisitor {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly url: string) {}

  async get(path: string): Promise<Page> {
    return this.send(path, { method: 'GET' });
  }

  /** Sends the form of a page to an address: with the token that stands in the page, and follows where it leads. */
  async submit(from: string, action: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const { html } = await this.get(from);
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const done = await this.post(action, { csrf, ...fields });
    return done.status === 303 ? this.get(done.headers.get('location')!) : done;
  }

  async post(path: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    return this.send(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.url },
    });
  }

  private async send(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, this.url), {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value, attributes] = /^([^=]+)=([^;]*);(.*)$/.exec(line)!;
      if (/max-age=0\b/i.test(attributes!)) this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    return { status: response.status, html: await response.text(), headers: response.headers };
  }
}
