import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { RemoteBehaviour } from './channel.contract.js';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpReceiver {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** A real HTTP server on a port of its own that notes what it is sent, then behaves as told. */
export async function startHttpReceiver(behaviour: () => RemoteBehaviour): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      const how = behaviour();
      if (how === 'hang') return;
      if (how === 'close') return request.socket.destroy();
      if (typeof how === 'object') return response.writeHead(how.status, how.headers).end(how.body);
      response.writeHead(500).flushHeaders();
      if (how === 'close after the headers') request.socket.destroySoon();
      if (how === 'endless body') {
        const more = (): void => {
          while (!response.destroyed && response.write('y'.repeat(65_536)));
          response.once('drain', more);
        };
        more();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
