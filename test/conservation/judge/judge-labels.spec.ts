import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertLabels, migrate, Store } from '@plumbline/storage';
import { z } from 'zod';
import { Traffic, trafficModels } from '../traffic.js';
import { judgeLabels } from './judge-labels.js';
import { PROJECT } from './read-rows.js';

const START_MS = Date.UTC(2026, 0, 1);
const COUNT = 40;
const traffic = new Traffic({ seed: 7, startMs: START_MS, hours: 4, eventsPerHour: 10 });
/** As if every label of one model had been sent, the corrections included. */
const oracle = {
  labelsUpTo: (model: number) => (model === 0 ? COUNT : 0),
  labelOf: (model: number, index: number) => traffic.labels(model, index).at(-1),
};

const removal = {
  name: 'remove a label',
  sql: 'DELETE FROM label WHERE prediction_id = {id:String}',
  params: z.object({ id: z.string() }),
};

describe('judgeLabels', () => {
  let dataDir: string;
  let store: Store;
  let writes = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-judge-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const write = (id: string, label: string, timestampMs: number) =>
    insertLabels(
      store,
      [
        {
          project: PROJECT,
          model: trafficModels[0]!.name,
          predictionId: id,
          label,
          timestampMs,
          receivedAtMs: START_MS,
        },
      ],
      `write ${writes++}`,
    );
  const remove = (id: string) => store.command(removal, { id }, `remove ${id}`);
  const judged = async (): Promise<readonly string[]> => {
    const found: string[][] = [];
    await judgeLabels(store, oracle, { check: (_name, problems) => void found.push([...problems]) });
    return found.flat();
  };
  const labels = Array.from({ length: COUNT }, (_, index) => traffic.labels(0, index)).filter(
    ({ length }) => length > 0,
  );

  it('finds nothing wrong with what was sent, corrections included, in whatever order they came', async () => {
    for (const editions of labels) {
      for (const { predictionId, label, timestampMs } of [...editions].reverse()) {
        await write(predictionId, label, timestampMs);
      }
    }
    expect(await judged()).toEqual([]);
  });

  it('finds one that is gone, one that is another, one that is older, and one that was never sent', async () => {
    const [gone, other, older] = labels.map((editions) => editions.at(-1)!) as [Label, Label, Label];
    await remove(gone.predictionId);
    await remove(other.predictionId);
    await write(other.predictionId, `not ${other.label}`, other.timestampMs);
    await remove(older.predictionId);
    await write(older.predictionId, older.label, older.timestampMs - 1);
    await write('stranger', '1', START_MS);
    const found = await judged();
    expect([...found].sort()).toEqual(
      [
        `${gone.predictionId}: stored is nothing, sent was ${gone.label} at ${gone.timestampMs}`,
        `${other.predictionId}: stored is not ${other.label} at ${other.timestampMs}, sent was ${other.label} at ${other.timestampMs}`,
        `${older.predictionId}: stored is ${older.label} at ${older.timestampMs - 1}, sent was ${older.label} at ${older.timestampMs}`,
        `${trafficModels[0]!.name}/stranger: stored and never sent`,
      ].sort(),
    );
  });
});

type Label = ReturnType<typeof traffic.labels>[number];
