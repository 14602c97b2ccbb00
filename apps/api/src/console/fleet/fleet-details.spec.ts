import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelDeclarationSchema } from '@plumbline/contracts';
import { insertEvaluationMarks, insertMeasurements, listFleet, migrate, saveModels, Store } from '@plumbline/storage';
import { dailyMeasurement } from '../../../../../test/support/daily-measurement.js';
import { FleetDetails } from './fleet-details.js';

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 0, 10);
const NOW_MS = END_MS + 3_600_000;

describe('details of the fleet', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-fleet-details-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    await saveModels(
      store,
      ['a', 'b'].map((model) => ({
        project: 'p',
        model,
        declaration: modelDeclarationSchema.parse({}),
        origin: 'declared' as const,
        updatedAtMs: NOW_MS,
        updatedBy: 'test',
      })),
    );
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Features of the newest window that drifted. */
  async function measure(model: string, features: readonly string[]): Promise<void> {
    const rows = features.map((feature) =>
      dailyMeasurement({ model, feature, windowEndMs: END_MS, severity: 'warning' }),
    );
    await insertMeasurements(store, rows, `${model} ${features.join()}`);
  }

  async function mark(model: string, revision: number): Promise<void> {
    await insertEvaluationMarks(
      store,
      { project: 'p', model, monitor: 'feature-drift', windowMs: DAY_MS },
      [{ windowEndMs: END_MS, dataStartMs: END_MS - DAY_MS, revision, evaluatedAtMs: END_MS }],
      `${model} ${revision}`,
    );
  }

  async function drifted(details: FleetDetails): Promise<number[]> {
    const found = await details.of('p', await listFleet(store, 'p', NOW_MS));
    return ['a', 'b'].map((model) => found.get(model)!.driftedFeatures);
  }

  it('are read again when a window was evaluated, and only then', async () => {
    const details = new FleetDetails(store);
    expect(await drifted(details)).toEqual([0, 0]);
    await measure('a', ['age']);
    await mark('a', 0);
    expect(await drifted(details)).toEqual([1, 0]);
    // What an evaluation wrote before its mark: it is not done yet.
    await measure('a', ['income']);
    expect(await drifted(details)).toEqual([1, 0]);
    await mark('a', 1);
    await measure('b', ['age']);
    await mark('b', 0);
    expect(await drifted(details)).toEqual([2, 1]);
  });

  it('are those of each model and project, however few are kept', async () => {
    const few = new FleetDetails(store, 1);
    expect(await drifted(few)).toEqual([2, 1]);
    expect(await drifted(few)).toEqual([2, 1]);
    const fleet = await listFleet(store, 'p', NOW_MS);
    expect((await few.of('another', fleet)).get('b')!.driftedFeatures).toBe(0);
    expect(await few.of('p', [])).toEqual(new Map());
  });
});
