import { isIP, connect, type Socket } from 'node:net';
import type { ReceiverDeclaration } from '@plumbline/contracts';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { AddressGuard } from '../egress/address-guard.js';
import { EgressError } from '../egress/egress-error.js';
import { addressRefused, guardedLookup, type ResolveName } from '../egress/guarded-lookup.js';
import type { SmtpAcceptance } from './email-result.js';

const CONNECT_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 60_000;
/** Shorter than servers wait, so that no connection is closed by the other side just as it is used. */
const IDLE_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 2;
/** Receivers whose connections are kept; of more, those that were used longest ago are closed. */
const MAX_POOLS = 100;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface EmailTransportsOptions {
  /** CIDR ranges that may be reached although they are not public. */
  readonly allowedAddresses: readonly string[];
  /** Permits servers without TLS. */
  readonly allowHttp: boolean;
  readonly connectTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
  /** In place of the system's resolver. */
  readonly resolveName?: ResolveName;
  /** Certificate authorities in place of those that Node knows, as PEM. */
  readonly ca?: string;
}

/** Where a receiver's messages go, and as whom. */
export interface SmtpServer extends Pick<
  Extract<ReceiverDeclaration, { channel: 'email' }>,
  'host' | 'port' | 'tls' | 'user'
> {
  readonly password?: string | undefined;
}

type Pool = ReturnType<typeof poolOf>;

/**
 * The only way to SMTP servers that users configured. As with HTTP the address that the socket gets is what is checked. Connections are
 * kept for a while, for each server and user apart.
 */
export class EmailTransports {
  private readonly pools = new Map<string, Pool>();
  private readonly connecting = new Set<Socket>();
  private readonly guard: AddressGuard;
  private readonly lookup: ReturnType<typeof guardedLookup>;

  /** @throws RangeError when an allowed range is none */
  constructor(private readonly options: EmailTransportsOptions) {
    this.guard = new AddressGuard(options.allowedAddresses);
    this.lookup = guardedLookup(this.guard, options.resolveName);
  }

  /**
   * Sends a message and returns what the server said, when it took it for at least one recipient.
   * @throws EgressError, or an error of nodemailer with the server's reply
   * @throws the signal's reason when it aborts
   */
  async send(server: SmtpServer, message: SendMailOptions, signal: AbortSignal): Promise<SmtpAcceptance> {
    signal.throwIfAborted();
    if (server.tls === 'none' && !this.options.allowHttp) {
      throw new EgressError('tls_required', 'tls must be "implicit" or "starttls" (setting alerting.allowHttp)');
    }
    const totalTimeoutMs = this.options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS;
    // A server that trickles its replies would be waited for without end.
    const timeout = AbortSignal.timeout(totalTimeoutMs);
    try {
      return await this.poolFor(server).sendMail({ ...message, signal: AbortSignal.any([signal, timeout]) });
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) throw new EgressError('timeout', `no answer within ${totalTimeoutMs} ms`);
      throw error;
    }
  }

  /** Closes all connections; what is under way fails. */
  close(): void {
    for (const pool of this.pools.values()) pool.close({ force: true });
    this.pools.clear();
    for (const socket of this.connecting) socket.destroy();
  }

  private poolFor(server: SmtpServer): Pool {
    const { host, port, tls, user, password } = server;
    const key = JSON.stringify([host, port, tls, user, password]);
    const pool = this.pools.get(key) ?? this.openPool(server);
    // The map keeps the order of use.
    this.pools.delete(key);
    this.pools.set(key, pool);
    const [oldest] = this.pools;
    if (this.pools.size > MAX_POOLS && oldest !== undefined) {
      this.pools.delete(oldest[0]);
      oldest[1].close();
    }
    return pool;
  }

  private openPool(server: SmtpServer): Pool {
    const pool = poolOf(server, this.options, (callback) => this.connect(server, callback));
    // Nobody listens to failures of idle connections otherwise, and they would end the process; those of messages reach their sender.
    pool.on('error', () => undefined);
    return pool;
  }

  private connect({ host, port }: SmtpServer, callback: ConnectCallback): void {
    // A socket does not look up what is an address already.
    if (isIP(host) !== 0 && !this.guard.allows(host)) return callback(addressRefused());
    const socket = connect({ host, port, lookup: this.lookup });
    this.connecting.add(socket);
    const timer = setTimeout(
      () => socket.destroy(new EgressError('not_connected', 'no connection in time')),
      this.options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    );
    let settled = false;
    const settle = (error: Error | null): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      this.connecting.delete(socket);
      socket.removeListener('error', settle);
      if (error === null) return callback(null, { connection: socket });
      // What else it may report is of no interest.
      socket.on('error', () => undefined);
      socket.destroy();
      callback(error instanceof EgressError ? error : notConnected(error));
    };
    socket.once('connect', () => settle(null));
    socket.once('error', settle);
    socket.once('close', () => settle(new EgressError('not_connected', 'the connection was closed')));
  }
}

type ConnectCallback = (error: Error | null, socket?: { readonly connection: Socket }) => void;

function poolOf(
  { host, port, tls, user, password }: SmtpServer,
  { connectTimeoutMs = CONNECT_TIMEOUT_MS, totalTimeoutMs = TOTAL_TIMEOUT_MS, ca }: EmailTransportsOptions,
  open: (callback: ConnectCallback) => void,
) {
  return createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' }, forceAuth: true }),
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    maxConnections: MAX_CONNECTIONS,
    idleTimeout: IDLE_TIMEOUT_MS,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: totalTimeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
    // The outbox tries again, with pauses.
    maxRequeues: 1,
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_options: unknown, callback: ConnectCallback) => open(callback),
  });
}

/** The address is not in the message: it would tell how names resolve inside the operator's network. */
function notConnected(error: Error): EgressError {
  const code = (error as { code?: unknown }).code;
  const cause = typeof code === 'string' ? code : 'failed';
  return new EgressError('not_connected', `no answer: connection ${cause}`, { cause: error });
}
