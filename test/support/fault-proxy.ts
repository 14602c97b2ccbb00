import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What may be wrong with the way to a server. `matching` is tried on each piece of a request as text; absent means all. */
export type Fault =
  | { readonly kind: 'none' }
  /** Each piece of a reply comes this much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The request is passed on whole, and the connection cut when the reply comes: its outcome is unknown. */
  | { readonly kind: 'drop-reply'; readonly matching?: RegExp; readonly times?: number }
  /** The connection is cut when the request comes; nothing is passed on. */
  | { readonly kind: 'close'; readonly matching?: RegExp; readonly times?: number }
  /** The request is taken and neither passed on nor answered. */
  | { readonly kind: 'hang'; readonly matching?: RegExp; readonly times?: number }
  /** An HTTP answer of the proxy's own; nothing is passed on. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly matching?: RegExp;
      readonly times?: number;
    };

/** Stands between a client and a server of any protocol, and breaks the way on request. */
export class FaultProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private fault: Fault = { kind: 'none' };
  private timesLeft = Infinity;
  /** Requests that met the fault in force. */
  faulted = 0;

  private constructor(
    private readonly targetPort: number,
    private listenPort: number,
  ) {}

  /** Starts a proxy on a free port of 127.0.0.1, in front of a port of 127.0.0.1. */
  static async start(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, 0);
    await proxy.accept();
    return proxy;
  }

  get port(): number {
    return this.listenPort;
  }

  get url(): string {
    return `http://127.0.0.1:${this.listenPort}`;
  }

  /** Puts a fault in force for the requests to come; `none` heals. Counts anew. */
  set(fault: Fault): void {
    this.fault = fault;
    this.faulted = 0;
    this.timesLeft = ('times' in fault ? fault.times : undefined) ?? Infinity;
  }

  /** Cuts every connection and refuses new ones, until `accept`. */
  async refuse(): Promise<void> {
    const server = this.server;
    if (server === undefined) return;
    this.server = undefined;
    server.close();
    this.cut();
    await once(server, 'close');
  }

  /** Listens again on the same port. */
  async accept(): Promise<void> {
    if (this.server !== undefined) return;
    const server = createServer((client) => this.serve(client));
    server.listen(this.listenPort, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the fault proxy has no port');
    this.listenPort = address.port;
    this.server = server;
  }

  /** Cuts every connection there is. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  private serve(client: Socket): void {
    const upstream = connect(this.targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      // The other side learns of it by the close that follows.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let dropReply = false;
    let mute = false;
    client.on('data', (chunk: Buffer) => {
      if (mute) return;
      const fault = this.take(chunk);
      if (fault.kind === 'close') {
        client.destroy();
        return;
      }
      if (fault.kind === 'hang' || fault.kind === 'answer') {
        mute = true;
        if (fault.kind === 'answer') {
          const length = Buffer.byteLength(fault.body);
          client.end(
            `HTTP/1.1 ${fault.status} Fault\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${fault.body}`,
          );
        }
        return;
      }
      if (fault.kind === 'drop-reply') dropReply = true;
      if (!upstream.write(chunk)) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
    upstream.on('data', (chunk: Buffer) => {
      if (dropReply) {
        client.destroy();
        return;
      }
      const pass = (): void => {
        if (client.destroyed || client.write(chunk)) return;
        upstream.pause();
        client.once('drain', () => upstream.resume());
      };
      if (this.fault.kind === 'delay') setTimeout(pass, this.fault.ms);
      else pass();
    });
    client.once('end', () => upstream.end());
    upstream.once('end', () => client.end());
  }

  /** The fault that this piece of a request meets. */
  private take(chunk: Buffer): Fault {
    const fault = this.fault;
    if (fault.kind === 'none' || fault.kind === 'delay' || this.timesLeft <= 0) return { kind: 'none' };
    if (fault.matching !== undefined && !fault.matching.test(chunk.toString('latin1'))) return { kind: 'none' };
    this.timesLeft--;
    this.faulted++;
    return fault;
  }
}
