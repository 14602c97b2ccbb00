import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { Configuration } from '@plumbline/contracts';
import { ReadRefusedError, type ReadLimits, type SelectOnlyEngine, Store } from '@plumbline/storage';
import { CONFIGURATION, Logger } from '@plumbline/telemetry';
import { helloBlock } from './hello-block.js';
import { readStatement, type Statement, StatementError } from './read-statement.js';
import { readerOf } from './reader-of.js';

const zip = promisify(gzip);
const MEBIBYTE = 1024 * 1024;

/** What dashboards need at most, and what leaves enough of one machine to everything else. */
const LIMITS: ReadLimits = {
  executionMs: 30_000,
  memoryBytes: 1024 * MEBIBYTE,
  rowsRead: 500_000_000,
  resultRows: 1_000_000,
  resultBytes: 256 * MEBIBYTE,
  concurrency: 2,
  waiting: 64,
};

/** Codes of ClickHouse that are more than a failure to whoever speaks HTTP. */
const STATUS: Readonly<Record<number, number>> = {
  60: 404,
  81: 404,
  62: 400,
  36: 400,
  164: 403,
  497: 403,
  516: 403,
  202: 503,
};
const AUTHENTICATION_FAILED = 516;
const UNKNOWN = 1002;

/** What clickhouse-go asks first. */
const HELLO = /^\s*SELECT\s+displayName\(\),\s*version\(\),\s*revision\(\),\s*timezone\(\)\s*;?\s*$/i;

/**
 * A read-only HTTP interface of ClickHouse over the embedded engine, where the configuration asks for it: Grafana's data source, curl and
 * the usual clients see the same tables that a server would have.
 */
@Injectable()
export class ClickhouseHttp implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private engine: SelectOnlyEngine | undefined;
  private server: Server | undefined;
  private version = '';

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly store: Store,
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { http } = this.configuration.clickhouse;
    if (http === undefined) return;
    this.engine = await this.store.openReader(LIMITS);
    this.version = (await this.run({ ...PLAIN, sql: 'SELECT version()' }, undefined)).toString().trim();
    const [, host, port] = /^(.*):(\d+)$/.exec(http)!;
    this.server = createServer({ keepAliveTimeout: 10_000, requestTimeout: 60_000 }, (request, response) => {
      void this.serve(request, response);
    });
    this.server.listen(Number(port), host!.replace(/^\[|\]$/g, ''));
    await once(this.server, 'listening');
    const address = this.server.address();
    const url = `http://${host}:${typeof address === 'object' ? address?.port : port}`;
    this.logger.info({ clickhouse_http: url }, `ClickHouse clients may read on ${url}`);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { server, engine } = this;
    if (server === undefined || engine === undefined) return;
    const closed = once(server, 'close');
    server.close();
    await engine.close();
    server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: Buffer, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
    };
    try {
      const url = new URL(request.url ?? '/', 'http://front');
      if (url.pathname === '/ping' || url.pathname === '/replicas_status') return send(200, Buffer.from('Ok.\n'));
      if (url.pathname !== '/') return send(404, Buffer.from(`There is no handle ${url.pathname}\n`));
      const reader = readerOf(request, url.searchParams, this.configuration.clickhouse.httpUsers);
      if (reader === undefined)
        throw new StatementError('the user is unknown or the password wrong', AUTHENTICATION_FAILED);
      const statement = await readStatement(request, url.searchParams);
      const result = await this.answer(statement, reader.project);
      const zipped =
        statement.settings.get('enable_http_compression') === '1' &&
        /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      send(200, zipped ? await zip(result, { level: 1 }) : result, {
        'content-type': 'text/plain; charset=UTF-8',
        'x-clickhouse-format': statement.format,
        'x-clickhouse-timezone': 'UTC',
        ...(zipped && { 'content-encoding': 'gzip' }),
      });
    } catch (error) {
      const known = error instanceof ReadRefusedError || error instanceof StatementError;
      if (!known) this.logger.error({ err: error }, 'a statement of a ClickHouse client failed');
      const code = known ? error.code : UNKNOWN;
      const message = error instanceof Error ? error.message : String(error);
      const text = message.startsWith('Code: ') ? message : `Code: ${code}. DB::Exception: ${message}`;
      const status = STATUS[code] ?? 500;
      send(status, Buffer.from(`${text} (version ${this.version})\n`), {
        'content-type': 'text/plain; charset=UTF-8',
        'x-clickhouse-exception-code': String(code),
        ...(status === 503 && { 'retry-after': '1' }),
      });
    }
  }

  private async answer(statement: Statement, project: string | undefined): Promise<Buffer> {
    const revision = statement.settings.get('client_protocol_version');
    if (revision !== undefined && statement.format === 'Native' && HELLO.test(statement.sql))
      return helloBlock(Number(revision), 'Plumbline', this.version, 'UTC');
    return this.run(statement, project);
  }

  private async run({ sql, format, parameters, settings }: Statement, project: string | undefined): Promise<Buffer> {
    return this.engine!.run({ sql, format, parameters, formatting: settings, project });
  }
}

const PLAIN: Statement = { sql: '', format: 'TabSeparated', parameters: new Map(), settings: new Map() };
