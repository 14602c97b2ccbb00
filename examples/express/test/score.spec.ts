import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StandaloneServer } from '../../../test/support/standalone-server.js';

/** The built example, started as people start it, before the real server. @embedded-only */
describe('the example service', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-example-'));
  });
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('logs predictions and labels, and sends what is queued when it is stopped', async () => {
    const server = await StandaloneServer.start({ dataDir });
    const service = spawn(process.execPath, [join(import.meta.dirname, '../dist/main.js')], {
      env: { PATH: process.env.PATH, PLUMBLINE_URL: server.url, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface({ input: service.stdout }), 'line')) as [string];
      const url = line.split(' ').at(-1)!;
      const post = (path: string, body: object): Promise<Response> =>
        fetch(url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      for (let i = 0; i < 60; i++) {
        const answer = await post('/score', { age: 30 + i, income: 1_000 * i, country: 'DE' });
        const { id } = (await answer.json()) as { id: string };
        expect((await post('/outcomes', { id, repaid: i % 2 === 0 })).status).toBe(204);
      }
    } finally {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    expect(await (await server.post('/v1/models/loans/cells/verify', {})).json()).toMatchObject({ predictions: 60 });
    const model = await server.get<{ known_features: { name: string; kind: string }[] }>('/v1/models/loans');
    expect(Object.fromEntries(model.known_features.map(({ name, kind }) => [name, kind]))).toEqual({
      age: 'numeric',
      income: 'numeric',
      country: 'categorical',
    });
    await server.stop();
  });
});
