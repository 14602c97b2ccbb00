import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory, RetryOptions } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;
const STOPPED = 'the event stream has stopped';
/** Outages end some time; until then the client tries again, at most two seconds apart. */
const MAX_RETRIES = Number.MAX_SAFE_INTEGER;

/**
 * What all clients of one stream hang on. They try for ever, which is what an outage of the brokers asks for, but not what a
 * process does that wants to end: kafkajs has no way to give up on what is being tried. Cutting the lifeline makes every attempt
 * fail, and the last one.
 */
export class Lifeline {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  readonly socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.isCut) throw new Error(STOPPED);
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : connectPlain({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.setNoDelay(true);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  /** All given explicitly: kafkajs has other defaults when it believes to be under test. */
  readonly retry: RetryOptions = {
    initialRetryTime: 100,
    maxRetryTime: 2_000,
    factor: 0.2,
    multiplier: 2,
    // kafkajs compares the number of attempts with this one after each attempt: an object with a value answers afresh each
    // time, a number would have to be decided on now.
    retries: { valueOf: () => (this.isCut ? -1 : MAX_RETRIES) } as unknown as number,
  };

  /** Ends connections, and lets nothing be tried again. What waits for an answer fails within two seconds. */
  cut(): void {
    this.isCut = true;
    // With an error, because kafkajs does not look at `close`: it would wait for answers until its time-out.
    for (const socket of this.sockets) socket.destroy(new Error(STOPPED));
  }
}
