import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRecentPredictionIds, Store } from '@plumbline/storage';
import { StandaloneServer } from '../support/standalone-server.js';

const KILLS = 20;
const MODEL = 'killed';

/** invariants 1, 2 and 4: what was acknowledged is there, once, and the cells equal the raw rows @embedded-only */
describe('kill -9 at any time during ingest', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-kill-'));
  });
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  it(`loses no acknowledged prediction and counts none twice over ${KILLS} kills`, async () => {
    const acknowledged: string[] = [];
    const unacknowledged: object[][] = [];
    let next = 0;
    let port: number | undefined;
    for (let round = 0; round < KILLS; round++) {
      const server = await StandaloneServer.start({ dataDir, ...(port === undefined ? {} : { port }) });
      port = server.port;
      let alive = true;
      const client = async (): Promise<void> => {
        while (alive) {
          // What was in flight at the last kill is sent again, as every SDK does: it may or may not have been stored.
          const events =
            unacknowledged.pop() ??
            Array.from({ length: 50 }, () => ({
              model: MODEL,
              prediction_id: `id-${next}`,
              timestamp: Date.now() - (next++ % 7) * 3_600_000,
              features: { age: next % 90, city: next % 2 === 0 ? 'Ulm' : 'Bonn' },
              prediction: { label: next % 2 },
            }));
          try {
            const response = await server.post('/v1/predictions', events);
            if (!response.ok) throw new Error(`status ${response.status}`);
            const reply = (await response.json()) as { accepted: number };
            expect(reply.accepted).toBe(events.length);
            acknowledged.push(...events.map((event) => (event as { prediction_id: string }).prediction_id));
          } catch {
            unacknowledged.push(events);
            return;
          }
        }
      };
      const clients = [client(), client(), client()];
      // Kills fall anywhere in a batch: a different, but seeded, moment each time.
      await delay(60 + ((round * 137) % 400));
      await server.kill('SIGKILL');
      alive = false;
      await Promise.all(clients);
    }
    const server = await StandaloneServer.start({ dataDir, ...(port === undefined ? {} : { port }) });
    for (const events of unacknowledged) {
      expect((await server.post('/v1/predictions', events)).ok).toBe(true);
      acknowledged.push(...events.map((event) => (event as { prediction_id: string }).prediction_id));
    }
    const verified = await server.post(`/v1/models/${MODEL}/cells/verify`, { repair: true });
    expect(verified.ok).toBe(true);
    const again = (await (await server.post(`/v1/models/${MODEL}/cells/verify`, {})).json()) as Record<string, unknown>;
    expect(again).toMatchObject({ mismatches: 0 });
    expect(await server.kill('SIGTERM')).toBe(0);

    const store = await Store.open({ dataDir, database: 'plumbline' });
    const key = { project: 'default', model: MODEL };
    const found = await findRecentPredictionIds(store, [key], Date.now() - 86_400_000, 10_000_000);
    await store.close();
    const distinct = new Set(found.get(`default/${MODEL}`));
    expect(acknowledged.filter((id) => !distinct.has(id))).toEqual([]);
    expect(new Set(acknowledged).size).toBe(next);
    expect(again).toMatchObject({ predictions: next });
    console.log(`${KILLS} kills, ${next} predictions acknowledged, ${distinct.size} distinct stored`);
  }, 900_000);
});
