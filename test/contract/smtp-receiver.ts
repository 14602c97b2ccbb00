import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** What the server says instead of yes, and at which command. */
export interface SmtpRefusal {
  readonly at: 'connect' | 'mail' | 'rcpt' | 'data';
  readonly code: number;
  readonly text: string;
  /** Only this recipient, where `at` is rcpt. */
  readonly recipient?: string;
}

/** Ways in which a server does not answer properly. */
export type SmtpFault =
  | 'hang before the greeting'
  | 'trickle a greeting without end'
  | 'greet in another protocol'
  | 'close before the greeting'
  | 'hang after the message'
  | 'close after the message';

export interface ReceivedEmail {
  /** One character a byte. */
  readonly raw: string;
  readonly email: Email;
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly secure: boolean;
}

export interface SmtpReceiver {
  readonly port: number;
  /** Including those after which it did not answer. */
  readonly emails: readonly ReceivedEmail[];
  /** How often somebody connected. */
  readonly connections: () => number;
  /** Closes the connections that are open; resolves when they are. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

export interface SmtpReceiverOptions {
  readonly refuses?: SmtpRefusal | undefined;
  readonly fault?: SmtpFault | undefined;
  /** PEM of key and certificate. */
  readonly certificate?: string | undefined;
  readonly tls?: 'implicit' | 'starttls' | 'none';
  /** Only this one may send. */
  readonly user?: { readonly name: string; readonly password: string } | undefined;
}

/** Starts a real SMTP server on a port of its own that notes what it is sent, then behaves as told. */
export async function startSmtpReceiver(options: SmtpReceiverOptions = {}): Promise<SmtpReceiver> {
  const { fault } = options;
  if (fault !== undefined && !fault.endsWith('after the message')) return startFaultyServer(fault);
  const emails: ReceivedEmail[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    ...serverOptions(options),
    onConnect(_session, callback) {
      connections += 1;
      callback(refusalAt(options, 'connect'));
    },
    onMailFrom(_address, _session, callback) {
      callback(refusalAt(options, 'mail'));
    },
    onRcptTo({ address }, _session, callback) {
      const refuses = options.refuses?.recipient === undefined || options.refuses.recipient === address;
      callback(refuses ? refusalAt(options, 'rcpt') : undefined);
    },
    onAuth({ username, password }, _session, callback) {
      const known = username === options.user?.name && password === options.user?.password;
      if (known) callback(null, { user: username });
      else callback(smtpError(535, '5.7.8 credentials invalid'));
    },
    onData(stream, session, callback) {
      void (async () => {
        const bytes = await buffer(stream);
        const user: unknown = session.user;
        emails.push({
          raw: bytes.toString('latin1'),
          email: await PostalMime.parse(bytes),
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          user: typeof user === 'string' ? user : undefined,
          secure: session.secure,
        });
        if (fault === 'hang after the message') return;
        if (fault === 'close after the message') await disconnect(sockets);
        else callback(refusalAt(options, 'data'));
      })();
    },
  });
  // Of interrupted connections and failed handshakes: what the sender makes of them is what is tested.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    // Node 20 crashes when the socket under one of TLS is destroyed: these are left to the server.
    if (options.certificate !== undefined) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.server),
    emails,
    connections: () => connections,
    disconnect: () => disconnect(sockets),
    close: async () => {
      await disconnect(sockets);
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

function serverOptions({ certificate, tls = 'none', user }: SmtpReceiverOptions): SMTPServerOptions {
  return {
    logger: false,
    authOptional: user === undefined,
    secure: tls === 'implicit',
    disabledCommands: [...(user === undefined ? ['AUTH'] : []), ...(tls === 'starttls' ? [] : ['STARTTLS'])],
    allowInsecureAuth: true,
    closeTimeout: 1,
    ...(certificate === undefined ? {} : { key: certificate, cert: certificate }),
  };
}

function refusalAt({ refuses }: SmtpReceiverOptions, at: SmtpRefusal['at']): Error | undefined {
  return refuses?.at === at ? smtpError(refuses.code, refuses.text) : undefined;
}

function smtpError(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

async function startFaultyServer(fault: SmtpFault): Promise<SmtpReceiver> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    const trickle =
      fault === 'trickle a greeting without end' ? setInterval(() => socket.write('220-wait\r\n'), 20) : undefined;
    socket.once('close', () => {
      clearInterval(trickle);
      sockets.delete(socket);
    });
    if (fault === 'close before the greeting') socket.destroy();
    if (fault === 'greet in another protocol') socket.write('HTTP/1.1 200 OK\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    emails: [],
    connections: () => connections,
    disconnect: () => disconnect(sockets),
    close: async () => {
      await disconnect(sockets);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function disconnect(sockets: ReadonlySet<Socket>): Promise<void> {
  await Promise.all(
    [...sockets].map((socket) => {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy();
      return closed;
    }),
  );
}
