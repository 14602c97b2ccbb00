import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpTransport } from './http-transport.js';

const request = { path: '/v1/labels', headers: { 'content-type': 'application/x-ndjson' }, body: Buffer.from('{}\n') };

describe('HttpTransport', () => {
  let server: Server;
  let answer: RequestListener;
  let transport: HttpTransport;
  let connections = 0;
  const urlOf = (path: string): URL => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);

  beforeEach(async () => {
    connections = 0;
    server = createServer((incoming, response) => answer(incoming, response));
    server.on('connection', () => (connections += 1));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    transport = new HttpTransport(urlOf('/'));
  });
  afterEach(async () => {
    transport.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  it('posts the body, and reads status, Retry-After and reply', async () => {
    const seen: unknown[] = [];
    answer = (incoming, response) => {
      incoming.on('data', (chunk: Buffer) =>
        seen.push(incoming.method, incoming.url, incoming.headers, chunk.toString()),
      );
      incoming.on('end', () => response.writeHead(429, { 'retry-after': '3' }).end('later'));
    };
    expect(await transport.send(request, 30_000)).toEqual({ status: 429, retryAfter: '3', body: 'later' });
    expect(seen).toMatchObject(['POST', '/v1/labels', { 'content-length': '3' }, '{}\n']);
  });

  it('uses one connection for one request after the other', async () => {
    answer = (_incoming, response) => response.end('ok');
    for (let i = 0; i < 3; i++) await transport.send(request, 30_000);
    expect(connections).toBe(1);
  });

  it('keeps a path that the address has', async () => {
    answer = (incoming, response) => response.end(incoming.url);
    const below = new HttpTransport(urlOf('/plumbline/'));
    expect(await below.send(request, 30_000)).toMatchObject({ body: '/plumbline/v1/labels' });
    below.close();
  });

  it('rejects when there is no answer in time', async () => {
    answer = () => undefined;
    await expect(transport.send(request, 20)).rejects.toThrow('no answer within 20 ms');
  });

  it('rejects when nobody listens', async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    await expect(new HttpTransport(new URL(`http://127.0.0.1:${port}`)).send(request, 30_000)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it('rejects when the connection breaks in the middle of the reply', async () => {
    answer = (_incoming, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setImmediate(() => response.destroy());
    };
    await expect(transport.send(request, 30_000)).rejects.toThrow();
  });

  it('rejects a reply that does not end', async () => {
    answer = (_incoming, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    await expect(transport.send(request, 30_000)).rejects.toThrow('more than');
  });
});
