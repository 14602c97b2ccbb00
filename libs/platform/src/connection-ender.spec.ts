import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { ConnectionEnder } from './connection-ender.js';

describe('ConnectionEnder', () => {
  let server: Server;
  let port: number;
  let agent: Agent;
  let waiting: ServerResponse[];

  beforeEach(async () => {
    waiting = [];
    // Longer than any test may take.
    server = createServer(
      { keepAliveTimeout: 3_600_000, headersTimeout: 0, requestTimeout: 0 },
      (_request, response) => {
        waiting.push(response);
        server.emit('waiting');
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    agent = new Agent({ keepAlive: true });
  });
  afterEach(() => {
    agent.destroy();
    server.closeAllConnections();
  });

  const ask = async (): Promise<IncomingMessage> => {
    const request = get({ host: '127.0.0.1', port, agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response;
  };

  it('lets an answer that is under way be given, and ends its connection', async () => {
    const ender = new ConnectionEnder(server);
    const asked = ask();
    await once(server, 'waiting');
    const closed = once(server, 'close');
    ender.end();
    server.close();
    waiting[0]!.end('the answer');
    const { statusCode, headers } = await asked;
    expect([statusCode, headers.connection]).toEqual([200, 'close']);
    await closed;
  });

  it('ends connections whose answer had begun when the end came', async () => {
    const ender = new ConnectionEnder(server);
    const asked = ask();
    await once(server, 'waiting');
    waiting[0]!.write('the beginning');
    const closed = once(server, 'close');
    ender.end();
    server.close();
    waiting[0]!.end(' and the end');
    expect((await asked).headers.connection).toBe('keep-alive');
    await closed;
  });

  it('does not wait for connections that have never sent anything', async () => {
    const ender = new ConnectionEnder(server);
    const silent: Socket = connect(port, '127.0.0.1');
    await once(server, 'connection');
    const ended = once(silent.resume(), 'close');
    const closed = once(server, 'close');
    ender.end();
    server.close();
    await Promise.all([closed, ended]);
  });
});
