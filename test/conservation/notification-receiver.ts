import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SeededRandom } from './seeded-random.js';

/** One call, whatever it was answered. */
export interface Call {
  /** Idempotency key. */
  readonly id: string;
  readonly body: string;
  readonly answer: 'ok' | 'refused' | 'dropped';
}

/** Receives notifications and retraining calls; the first call of some keys it refuses or leaves without an answer. */
export class NotificationReceiver {
  readonly notifications: Call[] = [];
  readonly retrainings: Call[] = [];
  private readonly seen = new Set<string>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly random: SeededRandom | undefined,
  ) {}

  /** @param random undefined for one that always answers */
  static async start(random?: SeededRandom): Promise<NotificationReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const receiver = new NotificationReceiver(server, `http://127.0.0.1:${port}`, random);
    server.on('request', (request, response) => receiver.receive(request, response));
    return receiver;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    // A sender that is killed in the middle of its request has sent nothing.
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      const answer = this.answerTo(id);
      const calls = request.url === '/retrain' ? this.retrainings : this.notifications;
      calls.push({ id, body: Buffer.concat(chunks).toString(), answer });
      if (answer === 'dropped') request.socket.destroy();
      else response.writeHead(answer === 'ok' ? 200 : 503).end();
    });
  }

  /** Only a first call fails: the pause after a second failure is longer than a run. */
  private answerTo(id: string): Call['answer'] {
    if (this.random === undefined || this.seen.has(id)) return 'ok';
    this.seen.add(id);
    const chance = this.random.next();
    return chance < 0.05 ? 'refused' : chance < 0.1 ? 'dropped' : 'ok';
  }
}
