import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelEvent, PredictionEvent } from '@plumbline/contracts';
import {
  type CellTable,
  deleteCells,
  findClassesOfModels,
  listDirtyHours,
  listTouchedHours,
  markAllHours,
  mergeFeatureCells,
  mergePerformanceCells,
  migrate,
  Store,
  verifyCells,
} from '@plumbline/storage';
import { LabelIngest } from './label-ingest.js';
import { ModelRegistry } from './model-registry.js';
import { Reconcile } from './reconcile.js';
import { EventIngest } from '../../../test/support/event-ingest.js';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 5, 2);
const START_MS = NOW_MS - 24 * HOUR_MS;
const LATER = 9_000_000_000_000;

function prediction(model: string, index: number): PredictionEvent {
  return {
    project: 'p',
    model,
    version: '1',
    predictionId: `id-${index}`,
    timestampMs: START_MS + index * 60_000,
    features: { age: index, city: index % 2 === 0 ? 'Köln' : 'Ulm' },
    label: index % 2 === 0 ? '1' : 'nö',
    value: index / 3,
    score: (index % 100) / 99,
    receivedAtMs: NOW_MS,
  };
}

function label(model: string, index: number, receivedAtMs = NOW_MS): LabelEvent {
  const common = { project: 'p', model, predictionId: `id-${index}`, receivedAtMs, timestampMs: receivedAtMs };
  return { ...common, label: index % 3 === 0 ? '1' : 'nö', value: index / 2 };
}

describe('reconcile', () => {
  let dataDir: string;
  let store: Store;
  let nextModel = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-reconcile-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** A model with two hours of predictions, most of them labelled, and settled. */
  const settled = async () => {
    const model = `model-${nextModel++}`;
    const registry = new ModelRegistry(store, 100);
    const predictions = new EventIngest(store, registry);
    const labels = new LabelIngest(store, registry);
    const reconcile = new Reconcile(store, registry);
    const events = Array.from({ length: 120 }, (_, index) => prediction(model, index));
    await predictions.ingest(events, `${model}-p`, NOW_MS);
    const known = Array.from({ length: 100 }, (_, index) => label(model, index));
    await labels.ingest(known, `${model}-l`, () => NOW_MS);
    await reconcile.run('p', model, NOW_MS + 1);
    predictions.forgetMarks('p', model);
    return { model, predictions, labels, reconcile };
  };
  const verify = (model: string) =>
    verifyCells(store, { project: 'p', model, fromMs: START_MS, toMs: NOW_MS, positiveClass: '1' });
  const window = (model: string, fromMs = START_MS) => {
    return { project: 'p', model, version: '1', segment: '', fromMs, toMs: fromMs + 2 * HOUR_MS };
  };
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  const scope = (model: string) => ({ project: 'p', model, version: '1', segment: '' });

  it('leaves cells of all tables that equal what the engine computes from raw rows and labels', async () => {
    const { model } = await settled();
    const verified = await verify(model);
    // 120 minutes of traffic, age, city and scores; 2 hours of the last three; 100 minutes with a label.
    expect(verified).toEqual({ cells: 120 * 4 + 2 * 3 + 100, predictions: 120, mismatchCount: 0, mismatches: [] });
    expect(await mergePerformanceCells(store, window(model))).toMatchObject({
      labelled: 100,
      scored: 100,
      valued: 100,
    });
  });

  it('forgets the class of a label that was corrected: a slip of the pen makes no third class of two', async () => {
    const { model, labels, reconcile } = await settled();
    const wrong = { ...label(model, 1), label: 'x', timestampMs: NOW_MS + 1 };
    await labels.ingest([wrong], `${model}-wrong`, () => NOW_MS + 1);
    const classes = async () => (await findClassesOfModels(store, [{ project: 'p', model }])).get(`p/${model}`)!.sort();
    expect(await classes()).toEqual(['1', 'nö', 'x']);
    await labels.ingest([{ ...wrong, label: 'nö', timestampMs: NOW_MS + 2 }], `${model}-right`, () => NOW_MS + 2);
    expect(await classes()).toEqual(['1', 'nö']);
    await reconcile.run('p', model, NOW_MS + 3);
    expect(await mergePerformanceCells(store, window(model))).toMatchObject({ labelled: 100, scored: 100 });
  });

  it('ranks the scores of several classes, each against the rest, and how long their labels took', async () => {
    const model = `model-${nextModel++}`;
    const registry = new ModelRegistry(store, 100);
    const [predictions, labels] = [new EventIngest(store, registry), new LabelIngest(store, registry)];
    const classes = ['a', 'b', 'c'];
    const events = Array.from({ length: 30 }, (_, index): PredictionEvent => {
      const scores = { a: 0.2, b: 0.3, c: 0.5, [classes[index % 3]!]: 0.6 };
      return { ...prediction(model, index), label: classes[index % 3]!, scores };
    });
    await predictions.ingest(events, `${model}-p`, NOW_MS);
    const truths = events.map((event, index): LabelEvent => ({
      ...{ project: 'p', model, predictionId: event.predictionId, receivedAtMs: NOW_MS },
      label: classes[index % 4 === 0 ? 0 : index % 3]!,
      timestampMs: event.timestampMs + HOUR_MS,
    }));
    await labels.ingest(truths, `${model}-l`, () => NOW_MS);
    await new Reconcile(store, registry).run('p', model, NOW_MS + 1);
    const merged = await mergePerformanceCells(store, window(model));
    expect(merged).toMatchObject({ labelled: 30, scored: 30, probable: 30 });
    expect(merged.scores.map(({ name }) => name)).toEqual(classes);
    // An hour, in bins that grow by 2 %
    expect(merged.lagBins).toEqual([{ index: Math.floor(Math.log(HOUR_MS) / Math.log(1.02)), count: 30 }]);
    // Of three classes none is the positive one.
    const verified = await verifyCells(store, { project: 'p', model, fromMs: START_MS, toMs: NOW_MS });
    expect(verified.mismatches).toEqual([]);
  });

  it('looks once more at hours that it found right, after a former owner may have added cells to them and died', async () => {
    const model = `model-${nextModel++}`;
    const process = () => {
      const registry = new ModelRegistry(store, 100);
      return { predictions: new EventIngest(store, registry), reconcile: new Reconcile(store, registry) };
    };
    const [former, successor] = [process(), process()];
    const events = Array.from({ length: 60 }, (_, index) => prediction(model, index));
    // The former owner is stopped where its cells are about to leave it.
    const insertBlock = store.insertBlock.bind(store);
    let letGo!: () => void;
    const stopped = new Promise<void>((resolve) => (letGo = resolve));
    let arrive!: () => void;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    store.insertBlock = async (table, block, token) => {
      if (table === 'feature_cell' && token.includes('former')) {
        arrive();
        await stopped;
      }
      return insertBlock(table, block, token);
    };
    const late = former.predictions.ingest(events, `${model}-former`, NOW_MS);
    await arrived;
    await successor.predictions.ingest(events, `${model}-successor`, NOW_MS + 1);
    await successor.reconcile.run('p', model, NOW_MS + 2);
    expect(await verify(model)).toMatchObject({ predictions: 60, mismatchCount: 0 });
    letGo();
    await late;
    store.insertBlock = insertBlock;
    expect(await listDirtyHours(store, 'p', model)).toEqual([]);
    expect((await verify(model)).mismatchCount).toBeGreaterThan(0);

    const MINUTE_MS = 60_000;
    expect(await successor.reconcile.run('p', model, NOW_MS + 5 * MINUTE_MS)).toEqual({
      checkedHours: 0,
      rebuiltHours: 0,
    });
    const againMs = NOW_MS + 16 * MINUTE_MS;
    expect(await successor.reconcile.run('p', model, againMs)).toEqual({ checkedHours: 1, rebuiltHours: 1 });
    expect(await verify(model)).toMatchObject({ predictions: 60, mismatchCount: 0 });
    // So that the windows that were measured with the wrong cells are measured again.
    expect(await listTouchedHours(store, 'p', model, againMs - 1)).toMatchObject([{ hourMs: START_MS, dirty: false }]);
    expect(await successor.reconcile.run('p', model, againMs + 1)).toEqual({ checkedHours: 0, rebuiltHours: 0 });
  });

  it('compares no hour that is known to be unsettled, and hourly sums of whole hours alone', async () => {
    const { model, predictions } = await settled();
    await predictions.ingest([{ ...prediction(model, 30), predictionId: 'late' }], `${model}-late`, NOW_MS + 2);
    const verified = await verify(model);
    expect(verified).toMatchObject({ cells: 120 * 4 + 1 * 3 + 40, predictions: 121, mismatchCount: 0 });
    const part = { project: 'p', model, fromMs: START_MS + 5 * 60_000, toMs: START_MS + 10 * 60_000 };
    expect(await verifyCells(store, { ...part, positiveClass: '1' })).toMatchObject({ cells: 5 * 4, mismatchCount: 0 });
  });

  it.each<[CellTable, string, (model: string) => Promise<void>]>([
    [
      'traffic_cell',
      'counts too much',
      (model) => store.insert('traffic_cell', [{ ...scope(model), minute: text(START_MS), n: 1 }], `t-${model}`),
    ],
    [
      'feature_cell',
      'counts too much',
      (model) =>
        store.insert(
          'feature_cell',
          [{ ...scope(model), series: 'age', bin_set_id: '', minute: text(START_MS), n: 1 }],
          `f-${model}`,
        ),
    ],
    [
      'feature_cell_hour',
      'holds another sum',
      (model) =>
        store.insert(
          'feature_cell_hour',
          [{ ...scope(model), series: 'age', bin_set_id: '', hour: text(START_MS), n: 7, revision: LATER }],
          `h-${model}`,
        ),
    ],
    [
      'feature_cell_hour',
      'holds an hour that has no events',
      (model) =>
        store.insert(
          'feature_cell_hour',
          [{ ...scope(model), series: 'age', bin_set_id: '', hour: text(START_MS + 9 * HOUR_MS), n: 7, revision: 1 }],
          `g-${model}`,
        ),
    ],
    [
      'performance_cell',
      'holds other counts',
      (model) =>
        store.insert(
          'performance_cell',
          [{ ...scope(model), minute: text(START_MS), labelled: 1, confusion: { '1:11': 2 }, revision: LATER }],
          `p-${model}`,
        ),
    ],
    [
      'performance_cell',
      'has lost its rows, like the others',
      (model) => deleteCells(store, 'p', model, [START_MS, START_MS + HOUR_MS]),
    ],
  ])('finds that %s %s, and rebuilds it on request', async (table, _, damage) => {
    const { model, reconcile } = await settled();
    await damage(model);
    const found = await verify(model);
    expect(found.mismatchCount).toBeGreaterThan(0);
    expect(found.mismatches.map((mismatch) => mismatch.table)).toContain(table);
    await markAllHours(store, 'p', model, 'rebuild', NOW_MS + 2);
    await reconcile.run('p', model, NOW_MS + 3);
    expect(await verify(model)).toMatchObject({ predictions: 120, mismatchCount: 0 });
    expect(await listDirtyHours(store, 'p', model)).toEqual([]);
    expect((await mergeFeatureCells(store, window(model))).find(({ series }) => series === 'age')).toMatchObject({
      n: 120,
    });
  });
});
