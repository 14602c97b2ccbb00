import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';

/** invariant 10 */
describe('SIGTERM under load', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-drain-'));
  });
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('answers what it took, exits with 0, and has stored all it acknowledged', async () => {
    const server = await StandaloneServer.start({ dataDir });
    let acknowledged = 0;
    let next = 0;
    let refused = false;
    const client = async (): Promise<void> => {
      while (!refused) {
        const events = Array.from({ length: 100 }, () => ({
          model: 'drained',
          prediction_id: `id-${next++}`,
          features: { x: next },
        }));
        try {
          const response = await server.post('/v1/predictions', events);
          if (!response.ok) throw new Error(`status ${response.status}`);
          acknowledged += ((await response.json()) as { accepted: number }).accepted;
        } catch {
          refused = true;
        }
      }
    };
    const clients = [client(), client(), client(), client()];
    await until('some load', () => (acknowledged >= 500 ? true : undefined));
    expect(await server.kill('SIGTERM')).toBe(0);
    await Promise.all(clients);
    expect(server.log).toContain('stopped');

    const again = await StandaloneServer.start({ dataDir });
    const versions = await again.get<{ items?: { predictions: number }[] } | { predictions: number }[]>(
      '/v1/models/drained/versions',
    );
    const stored = (Array.isArray(versions) ? versions : versions.items!)[0]!.predictions;
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect(stored).toBeLessThanOrEqual(next);
    const verified = await again.post('/v1/models/drained/cells/verify', {});
    expect(await verified.json()).toMatchObject({ mismatches: 0 });
    expect(await again.kill('SIGTERM')).toBe(0);
  }, 120_000);

  it('refuses a second process on the same folder, in words, before that touches what the first is at', async () => {
    // A server takes any number of them.
    if (process.env.PLUMBLINE_TEST_STORE === 'server') return;
    const first = await StandaloneServer.start({ dataDir });
    const underWay = join(dataDir, 'exchange', 'block.native');
    await writeFile(underWay, 'rows');
    await expect(StandaloneServer.start({ dataDir })).rejects.toThrow(/in use by another Plumbline process/);
    expect(await readFile(underWay, 'utf8')).toBe('rows');
    await first.stop();
  }, 120_000);
});
