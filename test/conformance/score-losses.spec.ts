import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertLabels, mergePerformanceCells, migrate, rebuildPerformanceCells, Store } from '@plumbline/storage';
import { describeWithShared, readOracle } from '../support/shared-data.js';
import { deliberateDifference } from './deliberate-differences.js';
import { expectClose } from './expect-close.js';
import type { ScipyCase } from './scipy-case.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const FUNCTIONS = ['sklearn.metrics.log_loss', 'sklearn.metrics.brier_score_loss'];

/** These two are sums that the engine takes when it makes the cells, so it is the cells that are asked. */
describeWithShared(['oracles/scipy_cases.json'])('log loss and Brier score of cells', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
  }, 120_000);
  afterAll(async () => {
    await store?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('are those of scikit-learn', async () => {
    const cases = readOracle<{ cases: readonly ScipyCase[] }>('scipy_cases').cases.filter(
      (entry) => FUNCTIONS.includes(entry.function) && deliberateDifference('scipy_cases', entry.name) === undefined,
    );
    expect(cases).toHaveLength(12);
    for (const [index, entry] of cases.entries()) {
      const merged = await cellsOf(`model-${index}`, entry);
      const sum = entry.function === FUNCTIONS[0] ? merged.sumLogLoss : merged.sumBrier;
      expectClose(sum / merged.probable, entry.expected, entry.name);
    }
  }, 120_000);

  async function cellsOf(model: string, { input }: ScipyCase): ReturnType<typeof mergePerformanceCells> {
    const probabilities = input.y_prob;
    const several = Array.isArray(probabilities[0]);
    const timestamp = new Date(START_MS).toISOString().replace('T', ' ').slice(0, 23);
    const rows = probabilities.map((probability, row) => ({
      ...{ project: 'p', model, version: '1', timestamp, prediction_id: `${row}`, label: '', value: 0 },
      score: Array.isArray(probability) ? 'nan' : probability,
      scores: Array.isArray(probability) ? Object.fromEntries(probability.map((of, label) => [`${label}`, of])) : {},
    }));
    await store.insert('prediction', rows, `prediction:${model}`);
    const labels = input.y_true.map((label, row) => ({
      ...{ project: 'p', model, predictionId: `${row}`, timestampMs: START_MS, receivedAtMs: START_MS },
      ...{ label: String(label), value: Number(label) },
    }));
    await insertLabels(store, labels, model);
    await rebuildPerformanceCells(store, 'p', model, [START_MS], several ? '' : '1', START_MS);
    return mergePerformanceCells(store, {
      ...{ project: 'p', model, version: '1', segment: '', fromMs: START_MS, toMs: START_MS + DAY_MS },
    });
  }
});
