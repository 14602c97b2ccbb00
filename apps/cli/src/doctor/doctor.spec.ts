import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from '../api-client.js';
import { checkNode } from './check-node.js';
import { checkReceivers } from './check-receivers.js';
import { checkClock, checkServer } from './check-server.js';

it.each([
  ['20.19.0', 'ok'],
  ['20.18.9', 'fail'],
  ['18.20.0', 'fail'],
  ['24.1.0', 'ok'],
])('node %s is %s', (version, state) => {
  expect(checkNode(version).state).toBe(state);
});

it.each([
  ['Thu, 01 Jan 2026 00:00:00 GMT', 'ok'],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 'warn'],
  [null, 'warn'],
])('a server date of %s is %s', (date, state) => {
  expect(checkClock(date, Date.UTC(2026, 0, 1)).state).toBe(state);
});

describe('a server', () => {
  const replies = new Map<string, { readonly status: number; readonly body: object }>();
  const server = createServer((request, response) => {
    const { status, body } = replies.get(request.url ?? '') ?? { status: 404, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  let client: ApiClient;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new ApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: undefined });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('that is not ready is told with what is wrong', async () => {
    const checks = {
      store: { ok: true },
      stream: { ok: false, detail: 'the brokers do not answer' },
      evaluator: { ok: false },
    };
    replies.set('/version', { status: 200, body: { version: '1.2.3' } });
    replies.set('/readyz', { status: 503, body: { status: 'not_ready', checks } });
    const findings = await checkServer(client, Date.now);
    expect(findings.find(({ check }) => check === 'ready')).toMatchObject({
      state: 'fail',
      detail: 'stream: the brokers do not answer; evaluator: not ok',
    });
    replies.set('/readyz', { status: 503, body: { status: 'draining', checks: {} } });
    expect((await checkServer(client, Date.now))[2]).toMatchObject({ state: 'fail', detail: 'draining' });
  });

  it.each([
    [200, { items: [] }, [{ state: 'warn', detail: expect.stringContaining('only written to the log') as string }]],
    [200, { items: [{}] }, [{ state: 'ok', detail: '1' }]],
    [403, {}, []],
  ])('whose receivers are answered %d %j', async (status, body, findings) => {
    replies.set('/v1/receivers', { status, body });
    expect(await checkReceivers(client)).toMatchObject(findings);
  });
});
