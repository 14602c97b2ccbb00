import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { verifyWebhookSignature } from './verify-webhook-signature.js';

/** A call that arrived. */
export interface ReceivedCall {
  /** Path of the URL: what it is for. */
  readonly path: string;
  readonly id: string;
  readonly signatureValid: boolean;
  readonly body: unknown;
}

/** A small receiver on this machine, as a pipeline or a chat would run one: answers 204 to what is signed, 401 to what is not. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  private readonly arrivals = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    private readonly secret: string,
  ) {
    server.on('request', (request, response) => {
      void readBody(request).then((body) => {
        response.writeHead(this.receive(request, body) ? 204 : 401).end();
      });
    });
  }

  static async start(secret: string): Promise<WebhookReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WebhookReceiver(server, secret);
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  callsTo(path: string): readonly ReceivedCall[] {
    return this.calls.filter((call) => call.path === path);
  }

  /** Resolves with the first call to a path, or undefined when none has come within the time. */
  async firstCallTo(path: string, timeoutMs: number): Promise<ReceivedCall | undefined> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (this.callsTo(path).length === 0 && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.arrivals.add(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.callsTo(path)[0];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private receive(request: IncomingMessage, body: string): boolean {
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const id = header('webhook-id');
    const timestamp = header('webhook-timestamp');
    const signature = header('webhook-signature');
    const signatureValid = verifyWebhookSignature({ id, timestamp, signature, body }, this.secret, Date.now());
    this.calls.push({ path: request.url ?? '', id: id ?? '', signatureValid, body: parseBody(body) });
    for (const wake of this.arrivals) wake();
    this.arrivals.clear();
    return signatureValid;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
