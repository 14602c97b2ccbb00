import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** How the other side behaves: an answer, or one of the ways in which it does not answer properly. */
export type RemoteBehaviour =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Until the time-out, which is short then. */
  | 'hang'
  /** Until somebody interrupts it: the time-out is as long as ever. */
  | 'hang for long'
  | 'hang in the body'
  | 'close'
  | 'close after the headers'
  | 'endless body'
  | 'endless body of a success';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpReceiver {
  /** With the path /hook. */
  readonly url: string;
  readonly origin: string;
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** A real HTTP server on a port of its own that notes what it is sent, then behaves as told. */
export async function startHttpReceiver(
  behaviour: (request: ReceivedRequest) => RemoteBehaviour,
): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => {
        const received = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
        requests.push(received);
        answer(behaviour(received), request, response);
      },
      // The other side went away before it had sent everything.
      () => undefined,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/hook`,
    origin,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(how: RemoteBehaviour, request: IncomingMessage, response: ServerResponse): void {
  if (typeof how === 'object') response.writeHead(how.status, how.headers).end(how.body);
  else if (how === 'close') request.socket.destroy();
  else if (how !== 'hang' && how !== 'hang for long') {
    response.writeHead(how === 'endless body of a success' ? 200 : 500).flushHeaders();
    if (how === 'close after the headers') request.socket.destroySoon();
    if (how === 'endless body' || how === 'endless body of a success') writeForEver(response);
  }
}

function writeForEver(response: ServerResponse): void {
  while (!response.destroyed && response.write('y'.repeat(65_536)));
  response.once('drain', () => writeForEver(response));
}
