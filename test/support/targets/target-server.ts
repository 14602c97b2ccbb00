import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface TargetRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `body` is sent as JSON unless it is a text. */
export interface TargetReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a target documents of its API, as far as starting runs goes. */
export interface TargetRules {
  /** Whether a request would start a run if it were in order. */
  starts(request: TargetRequest): boolean;
  reply(request: TargetRequest, baseUrl: string): TargetReply;
  /** How many runs were started. */
  runs(): number;
}

/** What goes wrong with a request that would start a run. */
export type TargetFault = 'hang' | 'close' | 'start, then close' | 'start, then nonsense' | TargetReply;

/** A target on a port of its own that keeps to its rules, but for the faults that it is told. */
export class TargetServer {
  readonly requests: TargetRequest[] = [];
  /** For the next requests that would start a run, one each. */
  readonly faults: TargetFault[] = [];

  private constructor(
    readonly rules: TargetRules,
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(rules: TargetRules): Promise<TargetServer> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://target');
        const { method = '', headers } = request;
        const received = { method, path: pathname, query: searchParams, headers, body };
        target.requests.push(received);
        const fault = rules.starts(received) ? target.faults.shift() : undefined;
        if (fault === 'hang') return;
        if (fault === 'close') return request.socket.destroy();
        let reply = typeof fault === 'object' ? fault : rules.reply(received, target.url);
        if (fault === 'start, then close') return request.socket.destroy();
        if (fault === 'start, then nonsense') reply = { ...reply, headers: {}, body: '<html>' };
        response.writeHead(reply.status, reply.headers);
        response.end(typeof reply.body === 'object' ? JSON.stringify(reply.body) : reply.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const target: TargetServer = new TargetServer(
      rules,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    );
    return target;
  }

  /** The requests that would have started a run. */
  starts(): TargetRequest[] {
    return this.requests.filter((request) => this.rules.starts(request));
  }
}
