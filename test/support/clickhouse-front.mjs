/**
 * The HTTP interface of ClickHouse over the embedded engine: enough of it to serve the unmodified @clickhouse/client, so that
 * server mode is tested where no server can be had. Runs in a process of its own, as a server does:
 *
 *   node clickhouse-front.mjs --data-dir FOLDER [--port 0] [--sessions 4]
 *
 * Prints `listening on URL` once it does, and ends on SIGTERM when what it was asked is answered.
 *
 * Understood: GET /ping; GET and POST / with `query`, `database`, `param_*` and settings in the query string; statement or data
 * in the body; parameters in a multipart body; gzip both ways; X-ClickHouse-Exception-Code. Not there: sessions, users,
 * progress headers, formats in which the engine reads from the network.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, unlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip, gzipSync } from 'node:zlib';
import { Session } from 'chdb';

/** Settings of the HTTP layer of a server, which the engine does not know. */
const HTTP_ONLY = new Set([
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'enable_http_compression',
  'http_zlib_compression_level',
  'cancel_http_readonly_queries_on_client_close',
  'http_write_exception_in_output_format',
]);
const NOT_SETTINGS = new Set(['query', 'database', 'query_id', 'session_id', 'role', 'default_format']);

/** A connection of the engine, which runs one statement at a time and keeps what was set for the next. */
class EngineSession {
  #session;
  #set = new Set();
  #params = new Set();

  constructor(path) {
    this.#session = new Session(path);
  }

  /** Runs one statement as a server would run it for a request: with these settings and parameters, and no others. */
  async run({ sql, database, settings, params, format }) {
    const used = new Set([...sql.matchAll(/\{(\w+):/g)].map((match) => match[1]));
    for (const name of used) {
      if (!params.has(name) && this.#params.has(name)) {
        throw new Error(`Code: 456. DB::Exception: Substitution \`${name}\` is not set. (UNKNOWN_QUERY_PARAMETER)`);
      }
    }
    const left = [...this.#set].filter((name) => !settings.has(name));
    const assignments = [
      ...left.map((name) => `${name} = DEFAULT`),
      ...[...settings].map(([name, value]) => `${name} = ${literal(value)}`),
      ...[...params].map(([name, value]) => `param_${name} = ${literal(value)}`),
    ];
    for (const name of settings.keys()) this.#set.add(name);
    for (const name of params.keys()) this.#params.add(name);
    // On a server the length of a statement is bounded, that of its parameters is not; here they are statements too.
    if (params.size > 0) await this.#session.queryAsync('SET max_query_size = 1000000000', { format });
    await this.#session.queryAsync(
      `USE ${identifier(database)}; ${assignments.map((one) => `SET ${one}; `).join('')}SELECT 1`,
      { format },
    );
    if (params.size > 0 && !settings.has('max_query_size')) {
      await this.#session.queryAsync('SET max_query_size = DEFAULT', { format });
    }
    const result = await this.#session.queryAsync(sql, { format });
    for (const name of left) this.#set.delete(name);
    return Buffer.from(result.bytes());
  }

  close() {
    this.#session.close();
  }
}

/** Hands the sessions out in the order of asking. */
class SessionPool {
  #free;
  #waiting = [];

  constructor(path, size) {
    this.sessions = Array.from({ length: size }, () => new EngineSession(path));
    this.#free = [...this.sessions];
  }

  async use(run) {
    const session = this.#free.pop() ?? (await new Promise((take) => this.#waiting.push(take)));
    try {
      return await run(session);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(session);
      else next(session);
    }
  }
}

function literal(text) {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function identifier(name) {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decoded(request) {
  return request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
}

/** Texts of the parts of a multipart/form-data body, by name. */
function readParts(body, contentType) {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  const parts = new Map();
  for (const part of body.toString('utf8').split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const name = /name="([^"]*)"/.exec(part.slice(0, end))?.[1];
    parts.set(name, part.slice(end + 4, -2));
  }
  return parts;
}

/** Runs what a request asks for. @returns bytes of the answer */
async function answer(request, url, pool, spoolDir) {
  const settings = new Map();
  const params = new Map();
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) params.set(name.slice(6), value);
    else if (!NOT_SETTINGS.has(name) && !HTTP_ONLY.has(name)) settings.set(name, value);
  }
  let sql = url.searchParams.get('query') ?? '';
  let spooled;
  try {
    const contentType = request.headers['content-type'] ?? '';
    const data = /^\s*INSERT\b[\s\S]*\bFORMAT\s+\w+\s*$/i.exec(sql);
    if (contentType.startsWith('multipart/form-data')) {
      for (const [name, value] of readParts(await readAll(decoded(request)), contentType)) {
        if (name === 'query') sql = value;
        else if (name.startsWith('param_')) params.set(name.slice(6), value);
      }
    } else if (data !== null && request.method === 'POST') {
      // The engine takes binary formats from files only, so every body of data goes through one.
      spooled = join(spoolDir, randomUUID());
      const file = createWriteStream(spooled);
      await pipeline(decoded(request), file);
      // What a server answers to an INSERT without rows.
      if (file.bytesWritten === 0) return Buffer.alloc(0);
      sql = sql.replace(
        /\bFORMAT\s+(\w+)\s*$/i,
        (_, format) => `FROM INFILE ${literal(spooled)} COMPRESSION 'none' FORMAT ${format}`,
      );
    } else if (request.method === 'POST') {
      const body = (await readAll(decoded(request))).toString('utf8');
      sql = sql === '' ? body : `${sql}\n${body}`;
    }
    // A server reads no files but its own: what a client has must come in the body.
    if (/\bfile\s*\(/i.test(sql)) {
      throw new Error(
        'Code: 291. DB::Exception: File is not inside the folder of user files. (DATABASE_ACCESS_DENIED)',
      );
    }
    const database = url.searchParams.get('database') ?? request.headers['x-clickhouse-database'] ?? 'default';
    const format = url.searchParams.get('default_format') ?? 'TabSeparated';
    return await pool.use((session) => session.run({ sql, database, settings, params, format }));
  } finally {
    if (spooled !== undefined) await unlink(spooled).catch(() => undefined);
  }
}

function statusOf(code) {
  if (['60', '81', '46', '47'].includes(code)) return 404;
  if (['62', '27', '26', '117', '6', '72', '131', '115', '456', '457'].includes(code)) return 400;
  return 500;
}

async function main() {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      port: { type: 'string', default: '0' },
      sessions: { type: 'string', default: '4' },
    },
  });
  if (values['data-dir'] === undefined) throw new Error('--data-dir is missing: name the folder of the engine');
  const folder = resolve(values['data-dir']);
  const spoolDir = join(folder, 'spool');
  await rm(spoolDir, { recursive: true, force: true });
  await mkdir(spoolDir, { recursive: true });
  await mkdir(join(folder, 'engine'), { recursive: true });
  const pool = new SessionPool(join(folder, 'engine'), Number(values.sessions));
  const running = new Set();

  const server = createServer({ keepAliveTimeout: 10_000, requestTimeout: 0 }, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://front');
    const queryId = url.searchParams.get('query_id') ?? randomUUID();
    const headers = { 'x-clickhouse-query-id': queryId, 'x-clickhouse-timezone': 'UTC' };
    const send = (status, bytes, extra = {}) => {
      const zipped =
        url.searchParams.get('enable_http_compression') === '1' &&
        /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      const body = zipped ? gzipSync(bytes, { level: 1 }) : bytes;
      const encoding = zipped ? { 'content-encoding': 'gzip' } : {};
      response.writeHead(status, { ...headers, ...encoding, ...extra, 'content-length': body.length }).end(body);
    };
    if (url.pathname === '/ping') {
      send(200, Buffer.from('Ok.\n'));
      return;
    }
    if (url.pathname !== '/') {
      send(404, Buffer.from(`There is no handle ${url.pathname}\n`));
      return;
    }
    // A statement that is at work says so, as a server does by headers of progress.
    const alive = setInterval(() => response.writeProcessing(), 1_000);
    const work = answer(request, url, pool, spoolDir).then(
      (bytes) => send(200, bytes, { 'content-type': 'text/plain; charset=UTF-8' }),
      (error) => {
        const message = error instanceof Error ? error.message : String(error);
        const code = /Code: (\d+)/.exec(message)?.[1] ?? '1002';
        const text = message.startsWith('Code: ')
          ? message
          : `Code: ${code}. DB::Exception: ${message} (UNKNOWN_EXCEPTION)`;
        send(statusOf(code), Buffer.from(`${text} (version 26.7.3)\n`), { 'x-clickhouse-exception-code': code });
      },
    );
    running.add(work);
    void work.finally(() => {
      clearInterval(alive);
      running.delete(work);
    });
  });
  server.listen(Number(values.port), '127.0.0.1');
  await once(server, 'listening');
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);

  process.once('SIGTERM', () => {
    server.close();
    void Promise.allSettled(running).then(() => {
      server.closeAllConnections();
      for (const session of pool.sessions) session.close();
      process.exit(0);
    });
  });
  // Whoever started it is gone: nobody would end it.
  process.stdin.resume();
  process.stdin.once('end', () => process.exit(1));
}

await main();
