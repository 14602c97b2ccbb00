import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StandaloneServer } from '../../../test/support/standalone-server.js';
import { until } from '../../../test/support/until.js';
import { Plumbline } from '../src/plumbline.js';

const KILLS = 3;

/** The SDK before the real server, which is killed while it takes events. @embedded-only */
describe('a server that is absent, killed and restarted', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-sdk-'));
  });
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  it(`stores every event that the queue could hold exactly once, over ${KILLS} kills, and counts the others`, async () => {
    let server = await StandaloneServer.start({ dataDir });
    const { port, url } = server;
    const settings = { url, model: 'killed', flushIntervalMs: 5, onError: () => undefined };
    const steady = new Plumbline(settings);
    // A queue that is too small for an outage: it must lose, and say how many.
    const small = new Plumbline({ ...settings, model: 'small', maxQueueEvents: 200 });
    const log = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const prediction = { features: { i, city: i % 2 === 0 ? 'Ulm' : 'Bonn' }, prediction: { label: i % 2 } };
        const predictionId = steady.logPrediction(prediction);
        steady.logLabel({ predictionId, label: 1 });
        small.logPrediction(prediction);
      }
    };
    for (let round = 0; round < KILLS; round++) {
      const before = steady.statistics().accepted;
      // Until some of it has arrived, so that the kill falls among requests.
      await until('the server takes events', () => {
        log(20);
        return steady.statistics().accepted > before + 100 ? true : undefined;
      });
      const killed = server.kill('SIGKILL');
      for (let i = 0; i < 20; i++) {
        log(25);
        await pause(1);
      }
      await killed;
      server = await StandaloneServer.start({ dataDir, port });
    }
    expect(await steady.flush(120_000)).toBe(true);
    expect(await small.flush(120_000)).toBe(true);

    const { logged, accepted, ...rest } = steady.statistics();
    expect(rest).toMatchObject({ rejected: 0, dropped: 0, queued: 0 });
    expect(accepted).toBe(logged);
    const counted = small.statistics();
    expect(counted.dropped).toBeGreaterThan(0);
    expect(counted).toMatchObject({ droppedByReason: { queue_full: counted.dropped }, rejected: 0 });
    expect(counted.accepted + counted.dropped).toBe(counted.logged);
    await Promise.all([steady.close(), small.close()]);

    const verify = async (model: string): Promise<Record<string, unknown>> => {
      await server.post(`/v1/models/${model}/cells/verify`, { repair: true });
      return (await (await server.post(`/v1/models/${model}/cells/verify`, {})).json()) as Record<string, unknown>;
    };
    expect(await verify('killed')).toMatchObject({ mismatches: 0, predictions: logged / 2 });
    expect(await verify('small')).toMatchObject({ mismatches: 0, predictions: counted.accepted });
    expect(steady.statistics().retries).toBeGreaterThan(0);
    await server.stop();
  }, 600_000);

  it('tells of events that the server rejects, with field and remedy', async () => {
    const server = await StandaloneServer.start({ dataDir });
    const errors: unknown[] = [];
    const plumbline = new Plumbline({ url: server.url, model: 'killed', onError: (error) => errors.push(error) });
    plumbline.logPrediction({ features: { city: { name: 'Ulm' } as never }, predictionId: 'nested' });
    plumbline.logPrediction({ features: { city: 'Ulm' } });
    await plumbline.close(60_000);
    expect(errors).toMatchObject([
      { reason: 'rejected', field: 'features.city', code: 'wrong_type', predictionId: 'nested' },
    ]);
    expect(plumbline.statistics()).toMatchObject({ accepted: 1, rejected: 1 });
    await server.stop();
  });
});
