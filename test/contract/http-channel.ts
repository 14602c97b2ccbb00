import type { Channel } from '../../apps/alerter/src/channels/channel.js';
import { GuardedHttp, type GuardedHttpOptions } from '../../apps/alerter/src/egress/guarded-http.js';
import { Secrets } from '../../apps/alerter/src/secrets/secrets.js';
import type { ChannelUnderTest } from './channel.contract.js';
import { type HttpReceiver, type ReceivedRequest, type RemoteBehaviour, startHttpReceiver } from './http-receiver.js';

export interface HttpChannelUnderTest extends ChannelUnderTest {
  readonly receiver: HttpReceiver;
}

export interface HttpChannelParts {
  readonly http: GuardedHttp;
  readonly secrets: Secrets;
  readonly receiver: HttpReceiver;
}

export interface HttpChannelOptions extends Partial<GuardedHttpOptions> {
  readonly environment?: Readonly<Record<string, string>>;
  /** Returns what arrived as readable text. */
  readonly decode?: (request: ReceivedRequest) => string;
}

const PATIENCE_MS = 60_000;
/** Short only where it is waited for, and long enough for an answer to begin: elsewhere a busy machine would need the time. */
const TIME_OUTS_MS: Readonly<Partial<Record<string, number>>> = { hang: 500, 'hang in the body': 3_000 };

/** Makes a channel to a local receiver that behaves as told. */
export async function httpChannel(
  behaviour: RemoteBehaviour | ((request: ReceivedRequest) => RemoteBehaviour),
  makeChannel: (parts: HttpChannelParts) => Channel,
  { environment = {}, decode = ({ body }) => body, ...options }: HttpChannelOptions = {},
): Promise<HttpChannelUnderTest> {
  const receiver = await startHttpReceiver(typeof behaviour === 'function' ? behaviour : () => behaviour);
  const http = new GuardedHttp({
    allowedAddresses: ['127.0.0.0/8'],
    allowHttp: true,
    totalTimeoutMs: typeof behaviour === 'string' ? (TIME_OUTS_MS[behaviour] ?? PATIENCE_MS) : PATIENCE_MS,
    ...options,
  });
  const channel = makeChannel({ http, secrets: new Secrets(environment, ''), receiver });
  return {
    channel,
    receiver,
    received: () => receiver.requests.map(decode),
    close: async () => {
      await http.close();
      await receiver.close();
    },
  };
}
