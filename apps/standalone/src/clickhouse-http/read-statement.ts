import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Writable } from 'node:stream';

/** What a request asks for, in the form of ClickHouse's HTTP interface. */
export interface Statement {
  readonly sql: string;
  readonly format: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Whatever else stands in the address: settings. */
  readonly settings: ReadonlyMap<string, string>;
}

/** A request that cannot be read, with the code that ClickHouse has for it. */
export class StatementError extends Error {
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}

const BAD_ARGUMENTS = 36;
const QUERY_IS_TOO_LARGE = 62;

/** A statement is text that a person or a dashboard made. */
const MAX_BYTES = 256 * 1024;

const NOT_SETTINGS = new Set(['query', 'database', 'query_id', 'session_id', 'user', 'password', 'default_format']);

/**
 * Reads a statement: in `query`, or in the body, or begun in one and ended in the other, as ClickHouse does.
 * @throws StatementError
 */
export async function readStatement(request: IncomingMessage, query: URLSearchParams): Promise<Statement> {
  const parameters = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [name, value] of query) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (!NOT_SETTINGS.has(name)) settings.set(name, value);
  }
  if (settings.get('compress') === '1' || settings.get('decompress') === '1') {
    throw new StatementError(
      'compress and decompress (blocks of LZ4) are not understood here: let the client use no compression, or gzip (enable_http_compression=1)',
      BAD_ARGUMENTS,
    );
  }
  if (/^multipart\//i.test(request.headers['content-type'] ?? '')) {
    throw new StatementError(
      'a form is not understood here: put the statement in the body, parameters in the address',
      BAD_ARGUMENTS,
    );
  }
  const begun = query.get('query') ?? '';
  const body = request.method === 'POST' ? await readBody(request) : '';
  const sql = begun === '' ? body : body === '' ? begun : `${begun}\n${body}`;
  return { sql, format: query.get('default_format') ?? 'TabSeparated', parameters, settings };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new StatementError(`Content-Encoding ${encoding} is not understood here: use gzip or none`, BAD_ARGUMENTS);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const collect = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      chunks.push(chunk);
      done(
        bytes > MAX_BYTES ? new StatementError(`a statement may have ${MAX_BYTES} bytes`, QUERY_IS_TOO_LARGE) : null,
      );
    },
  });
  try {
    await (encoding === 'gzip' ? pipeline(request, createGunzip(), collect) : pipeline(request, collect));
  } catch (error) {
    if (error instanceof StatementError) throw error;
    throw new StatementError(`the body cannot be read: ${(error as Error).message}`, BAD_ARGUMENTS);
  }
  return Buffer.concat(chunks).toString('utf8');
}
