import { lookup as resolveName, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { Agent, buildConnector, errors, request, type Dispatcher } from 'undici';
import { AddressGuard } from './address-guard.js';
import { EgressError } from './egress-error.js';

const CONNECT_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface GuardedHttpOptions {
  /** CIDR ranges that may be reached although they are not public. */
  readonly allowedAddresses: readonly string[];
  readonly allowHttp: boolean;
  readonly connectTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** At most 64 kB of the body; "" for a success, whose body nobody reads. */
  readonly text: string;
}

/**
 * The only way to an address that a user configured. What is checked is the address that the socket gets, after names are
 * resolved, so neither a strange notation nor a name that resolves differently the second time gets around it. Redirects are
 * not followed; proxies of the environment are not used.
 */
export class GuardedHttp {
  private readonly agent: Agent;
  private readonly allowHttp: boolean;
  private readonly totalTimeoutMs: number;

  /** @throws RangeError when an allowed range is none */
  constructor(options: GuardedHttpOptions) {
    this.allowHttp = options.allowHttp;
    this.totalTimeoutMs = options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS;
    this.agent = new Agent({
      connect: guardedConnector(
        new AddressGuard(options.allowedAddresses),
        options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      ),
      // A connection each: one kept alive may be closed by the other side just as it is used, which looks like a failed send.
      pipelining: 0,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Posts and returns the answer, whatever its status.
   * @throws EgressError when there is none
   * @throws the signal's reason when it aborts
   */
  async post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    signal.throwIfAborted();
    if (new URL(url).protocol !== 'https:' && !this.allowHttp) {
      throw new EgressError('tls_required', 'the address must begin with https:// (setting alerting.allowHttp)');
    }
    const timeout = AbortSignal.timeout(this.totalTimeoutMs);
    try {
      const response = await request(url, {
        dispatcher: this.agent,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, timeout]),
      });
      return {
        status: response.statusCode,
        retryAfter: [response.headers['retry-after']].flat()[0],
        text: await answerText(response),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) throw new EgressError('timeout', `no answer within ${this.totalTimeoutMs} ms`);
      throw egressError(error);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

function guardedConnector(guard: AddressGuard, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup(guard) });
  return (options, callback) => {
    // A socket does not look up what is an address already.
    if (isIP(options.hostname) !== 0 && !guard.allows(options.hostname)) callback(addressRefused(), null);
    else connect(options, callback);
  };
}

type LookupCallback = (error: Error | null, addresses: string | LookupAddress[], family?: number) => void;

/** dns.lookup that leaves out refused addresses, and fails when no other remains. */
function guardedLookup(guard: AddressGuard) {
  return (name: string, options: LookupOptions, callback: LookupCallback): void => {
    resolveName(name, { ...options, all: true }, (error, resolved) => {
      if (error !== null) return callback(error, []);
      const addresses = resolved.filter(({ address }) => guard.allows(address));
      const [first] = addresses;
      if (first === undefined) return callback(addressRefused(), []);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The address itself is not in the message: it would tell how names resolve inside the operator's network. */
function addressRefused(): EgressError {
  return new EgressError('address_refused', 'the address is not a public one (setting alerting.allowedAddresses)');
}

function egressError(error: unknown): EgressError {
  if (error instanceof EgressError) return error;
  if (error instanceof errors.InvalidArgumentError) {
    return new EgressError('invalid_request', `the request cannot be made: ${error.message}`, { cause: error });
  }
  if (error instanceof errors.ConnectTimeoutError) {
    return new EgressError('timeout', 'no connection in time', { cause: error });
  }
  const code = (error as { code?: unknown } | null)?.code;
  const cause = typeof code === 'string' ? code : 'failed';
  return new EgressError('connection', `no answer: connection ${cause}`, { cause: error });
}

/** The first bytes of a failure's body, for people; what goes wrong while reading them does not matter. */
async function answerText({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  body.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  if (statusCode >= 300) {
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes >= MAX_ANSWER_BYTES) break;
      }
    } catch {
      // The status is the answer.
    }
  }
  body.destroy();
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}
