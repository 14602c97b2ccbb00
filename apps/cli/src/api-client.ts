import { ApiError, ConnectionError } from './api-error.js';
import type { Connection } from './connection.js';

export interface RequestBody {
  readonly contentType: string;
  readonly content: string | Uint8Array<ArrayBuffer> | Blob;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Speaks to one server with one key. Throws ApiError for a refusal and ConnectionError for silence; follows no redirects. */
export class ApiClient {
  constructor(readonly connection: Connection) {}

  async get(path: string, query: Query = {}): Promise<unknown> {
    return (await this.request('GET', withQuery(path, query))).body;
  }

  async put(path: string, value: unknown): Promise<ApiReply> {
    return this.request('PUT', path, jsonBody(value));
  }

  async post(path: string, value: unknown): Promise<unknown> {
    return (await this.request('POST', path, jsonBody(value))).body;
  }

  /** Body of a GET, or undefined when the server has nothing there. */
  async find(path: string): Promise<unknown> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async request(method: string, path: string, body?: RequestBody): Promise<ApiReply> {
    const { url, apiKey } = this.connection;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (apiKey !== undefined) headers['authorization'] = `Bearer ${apiKey}`;
    if (body) headers['content-type'] = body.contentType;
    let status: number;
    let replyHeaders: Headers;
    let text: string;
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers,
        redirect: 'manual',
        ...(body ? { body: body.content } : {}),
      });
      ({ status, headers: replyHeaders } = response);
      text = await response.text();
    } catch (error) {
      throw new ConnectionError(url, error);
    }
    const reply = parseReply(text);
    if (status >= 200 && status < 300) return { status, headers: replyHeaders, body: reply };
    throw new ApiError(
      status,
      problemText(reply, text),
      retryAfterMs(replyHeaders),
      reply,
      `${method} ${path.split('?')[0]}`,
    );
  }
}

function jsonBody(value: unknown): RequestBody {
  return { contentType: 'application/json', content: JSON.stringify(value) };
}

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function parseReply(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Words of a problem document (RFC 9457), with the list of faults where there is one. */
function problemText(reply: unknown, text: string): string {
  if (typeof reply !== 'object' || reply === null) return text.slice(0, 500) || 'no further explanation';
  const problem = reply as { title?: string; detail?: string; errors?: unknown };
  const faults = Array.isArray(problem.errors) ? problem.errors.map(faultText) : [];
  const words = [problem.detail ?? problem.title ?? 'no further explanation', ...faults];
  return words.join('\n  ');
}

function faultText(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null) return String(fault);
  const { field, path, message } = fault as { field?: unknown; path?: unknown; message?: unknown };
  const where = field ?? (Array.isArray(path) ? path.join('.') : path);
  return typeof where === 'string' && where !== '' ? `${where}: ${String(message)}` : String(message);
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
