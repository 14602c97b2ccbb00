import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configurationSchema,
  EventFault,
  IntakeContexts,
  type LabelEvent,
  parsePrediction,
  type PredictionEvent,
  readEvent,
  type ReferenceSeries,
} from '@plumbline/contracts';
import { murmur3 } from '@plumbline/monitoring';
import {
  findModelFeatures,
  listDirtyHours,
  markHoursDirty,
  markReferenceChanged,
  mergeFeatureCells,
  mergePerformanceCells,
  mergeTrafficCells,
  migrate,
  readPredictionHours,
  saveReference,
  startOfHour,
  StorageError,
  Store,
  verifyCells,
  type WindowScope,
} from '@plumbline/storage';
import { LabelIngest } from './label-ingest.js';
import { ModelRegistry } from './model-registry.js';
import type { RefusedPrediction } from './prediction-ingest.js';
import { Reconcile } from './reconcile.js';
import { EventIngest } from '../../../test/support/event-ingest.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 2);
const START_MS = NOW_MS - DAY_MS;

function prediction(model: string, index: number, change: Partial<PredictionEvent> = {}): PredictionEvent {
  return {
    project: 'p',
    model,
    version: '1',
    predictionId: `id-${index}`,
    timestampMs: START_MS + index * 60_000,
    features: { age: index, city: index % 2 === 0 ? 'Köln' : 'Ulm', vip: index % 3 === 0 },
    label: index % 2 === 0 ? '1' : '0',
    score: (index % 100) / 100,
    latencyMs: 10,
    receivedAtMs: NOW_MS,
    ...change,
  };
}

function label(model: string, index: number, text: string, timestampMs = NOW_MS): LabelEvent {
  return { project: 'p', model, predictionId: `id-${index}`, label: text, timestampMs, receivedAtMs: NOW_MS };
}

describe('ingest into the embedded engine', () => {
  let dataDir: string;
  let store: Store;
  let nextModel = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-ingest-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** A process: what it remembers is gone when a new one is made. */
  function startProcess() {
    const registry = new ModelRegistry(store, 100);
    return {
      predictions: new EventIngest(store, registry),
      labels: new LabelIngest(store, registry),
      reconcile: new Reconcile(store, registry),
    };
  }
  const newModel = (): string => `model-${nextModel++}`;
  const window = (model: string): WindowScope => ({
    project: 'p',
    model,
    version: '1',
    segment: '',
    fromMs: START_MS - DAY_MS,
    toMs: NOW_MS + DAY_MS,
  });
  const counts = async (model: string) =>
    Object.fromEntries(
      (await mergeFeatureCells(store, window(model))).map((cell) => [
        cell.series,
        [cell.n, cell.missing, cell.invalid],
      ]),
    );

  it('keeps what sampled predictions stand for, through a repetition, a restart and a rebuild', async () => {
    const model = newModel();
    const events = Array.from({ length: 60 }, (_, index) =>
      prediction(model, index, {
        timestampMs: START_MS + index * 1_000,
        ...(index % 3 > 0 && { sampleRate: index % 3 === 1 ? 0.1 : 0.3 }),
      }),
    );
    // 20 rows for themselves, 20 for ten each, 20 for three and a third each.
    const [weight, weightSquares] = [20 + 200 + 200 / 3, 20 + 2000 + 2000 / 9];
    const sums = async () => {
      const merged = await mergeTrafficCells(store, window(model));
      return [merged.n, merged.weight, merged.weightSquares].map((sum) => Number(sum.toFixed(6)));
    };
    const total = [60, weight, weightSquares].map((sum) => Number(sum.toFixed(6)));
    const first = startProcess();
    await first.predictions.ingest(events, `${model}-a`, NOW_MS);
    expect(await sums()).toEqual(total);
    // A restarted process has forgotten the ids: cells count twice until reconcile compares them with the rows, which have the first rate.
    const second = startProcess();
    await second.predictions.ingest(
      events.map((event) => ({ ...event, sampleRate: 0.5, receivedAtMs: NOW_MS + 1 })),
      `${model}-b`,
      NOW_MS,
    );
    await second.reconcile.run('p', model, NOW_MS);
    expect(await sums()).toEqual(total);
    const { mismatches, cells } = await verifyCells(store, window(model));
    expect([mismatches, cells > 0]).toEqual([[], true]);
  });

  it('stores each prediction once, in the same and in different batches', async () => {
    const model = newModel();
    const { predictions, reconcile } = startProcess();
    const events = Array.from({ length: 300 }, (_, index) => prediction(model, index));
    const first = await predictions.ingest([...events, ...events.slice(0, 50)], `${model}-a`, NOW_MS);
    expect(first).toEqual({ stored: 300, duplicates: 50, deadLetters: 0 });
    expect((await predictions.ingest(events, `${model}-b`, NOW_MS)).stored).toBe(0);
    await reconcile.run('p', model, NOW_MS);
    expect((await mergeTrafficCells(store, window(model))).n).toBe(300);
    expect(await counts(model)).toMatchObject({ age: [300, 0, 0], city: [300, 0, 0], vip: [300, 0, 0] });
  });

  it('counts an event once that another process stored, even under another time of the hour', async () => {
    const model = newModel();
    const events = Array.from({ length: 100 }, (_, index) =>
      prediction(model, index, { receivedAtMs: NOW_MS - 3 * DAY_MS }),
    );
    await startProcess().predictions.ingest(events, `${model}-a`, NOW_MS);
    const again = events.map((event) => ({ ...event, timestampMs: event.timestampMs + 1_000, receivedAtMs: NOW_MS }));
    const second = startProcess();
    // Stored days ago, so the new process does not know the ids: reconcile must find them.
    expect((await second.predictions.ingest(again, `${model}-b`, NOW_MS)).duplicates).toBe(0);
    expect((await mergeTrafficCells(store, window(model))).n).toBe(200);
    const result = await second.reconcile.run('p', model, NOW_MS);
    expect(result.rebuiltHours).toBe(2);
    expect((await mergeTrafficCells(store, window(model))).n).toBe(100);
    expect(await counts(model)).toMatchObject({ age: [100, 0, 0] });
    expect(await listDirtyHours(store, 'p', model)).toEqual([]);
  });

  it('rebuilds the cells of a batch that was interrupted between raw rows and cells', async () => {
    const model = newModel();
    const events = Array.from({ length: 100 }, (_, index) => prediction(model, index));
    const interrupted = startProcess();
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if (table === 'feature_cell') throw new Error('killed');
      return insertBlock(table, block, token);
    };
    await expect(interrupted.predictions.ingest(events, `${model}-a`, NOW_MS)).rejects.toThrow('killed');
    store.insertBlock = insertBlock;
    expect((await mergeTrafficCells(store, window(model))).n).toBe(0);
    await startProcess().reconcile.run('p', model, NOW_MS + 1);
    expect((await mergeTrafficCells(store, window(model))).n).toBe(100);
    expect(await counts(model)).toMatchObject({ age: [100, 0, 0] });
  });

  it('finds feature cells that were written twice, although raw rows and traffic were written once', async () => {
    const model = newModel();
    const events = Array.from({ length: 100 }, (_, index) => prediction(model, index));
    const interrupted = startProcess();
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if (table !== 'feature_cell') throw new Error('killed');
      return insertBlock(table, block, token);
    };
    await expect(interrupted.predictions.ingest(events, `${model}-a`, NOW_MS)).rejects.toThrow('killed');
    store.insertBlock = insertBlock;
    const next = startProcess();
    // Sent again, and cut otherwise than before.
    await next.predictions.ingest(events.slice(0, 30), `${model}-b`, NOW_MS + 1);
    await next.predictions.ingest(events.slice(30), `${model}-c`, NOW_MS + 2);
    expect(await counts(model)).toMatchObject({ age: [200, 0, 0] });
    await next.reconcile.run('p', model, NOW_MS + 3);
    expect(await counts(model)).toMatchObject({ age: [100, 0, 0] });
    expect(await verifyCells(store, { project: 'p', model, fromMs: START_MS, toMs: NOW_MS })).toMatchObject({
      mismatchCount: 0,
    });
  });

  it('counts a value of the wrong type as invalid and not as a new category, at ingest and after a rebuild', async () => {
    const model = newModel();
    const { predictions, reconcile } = startProcess();
    await predictions.ingest([prediction(model, 1)], `${model}-a`, NOW_MS);
    await predictions.ingest(
      [
        prediction(model, 2, { features: { age: '17', city: 3, vip: 'yes' } }),
        prediction(model, 3, { features: { age: Infinity, city: null } }),
        prediction(model, 4, { features: { age: 4, city: 'Ulm', vip: false, added: 1 } }),
      ],
      `${model}-b`,
      NOW_MS,
    );
    const wanted = { age: [2, 0, 2], city: [3, 1, 0], vip: [2, 1, 1] };
    expect(await counts(model)).toMatchObject(wanted);
    await reconcile.run('p', model, NOW_MS);
    expect(await counts(model)).toMatchObject(wanted);
  });

  it('joins labels that come early, twice and corrected', async () => {
    const model = newModel();
    const { predictions, labels, reconcile } = startProcess();
    await labels.ingest([label(model, 0, '1')], `${model}-l0`, () => NOW_MS);
    await predictions.ingest(
      Array.from({ length: 4 }, (_, index) => prediction(model, index)),
      `${model}-a`,
      NOW_MS,
    );
    await labels.ingest(
      [label(model, 1, '1'), label(model, 2, '1'), label(model, 2, '1')],
      `${model}-l1`,
      () => NOW_MS,
    );
    await reconcile.run('p', model, NOW_MS + 10);
    const sorted = async (): Promise<unknown[]> =>
      [...(await mergePerformanceCells(store, window(model))).confusion].sort((a, b) =>
        a.predicted.localeCompare(b.predicted),
      );
    expect(await sorted()).toEqual([
      { predicted: '0', label: '1', n: 1 },
      { predicted: '1', label: '1', n: 2 },
    ]);
    await labels.ingest([label(model, 1, '0', NOW_MS + 1)], `${model}-l2`, () => NOW_MS + 11);
    await reconcile.run('p', model, NOW_MS + 20);
    expect(await sorted()).toEqual([
      { predicted: '0', label: '0', n: 1 },
      { predicted: '1', label: '1', n: 2 },
    ]);
  });

  it('writes cells that equal what the engine computes from the raw rows, with and without a reference', async () => {
    const model = newModel();
    const { predictions, reconcile } = startProcess();
    const events = Array.from({ length: 200 }, (_, index) =>
      prediction(model, index, {
        features: {
          age: index % 7 === 0 ? 'x' : index / 4,
          city: ['Köln', 'Ulm', 'Bonn', null][index % 4]!,
          late: index < 100 ? 1 : null,
        },
        ...(index % 5 === 0 ? { error: 'boom' } : {}),
      }),
    );
    await predictions.ingest(events.slice(0, 120), `${model}-a`, NOW_MS);
    const range = { project: 'p', model, fromMs: START_MS, toMs: NOW_MS + DAY_MS };
    expect(await verifyCells(store, range)).toMatchObject({ predictions: 120, mismatchCount: 0 });
    const common = { decileEdgeIndexes: [], n: 100, missing: 0, invalid: 0, mean: 0, std: 1, min: 0, max: 9 };
    const series: ReferenceSeries[] = [
      {
        ...common,
        series: 'age',
        kind: 'numeric',
        binSetId: 'b1',
        edges: [1, 2.5, 30],
        categories: [],
        otherHashes: [],
        counts: [1, 1, 1, 1],
      },
      {
        ...common,
        series: 'city',
        kind: 'categorical',
        binSetId: 'b2',
        edges: [],
        categories: ['Ulm'],
        otherHashes: [murmur3('Bonn')],
        counts: [1, 1, 0],
      },
      {
        ...common,
        series: 'gone',
        kind: 'numeric',
        binSetId: 'b3',
        edges: [],
        categories: [],
        otherHashes: [],
        counts: [1],
      },
      {
        ...common,
        series: '$score',
        kind: 'numeric',
        binSetId: 'b4',
        edges: [0.25, 0.5],
        categories: [],
        otherHashes: [],
        counts: [1, 1, 1],
      },
      {
        ...common,
        series: '$prediction',
        kind: 'categorical',
        binSetId: 'b5',
        edges: [],
        categories: ['1'],
        otherHashes: [],
        counts: [1, 0, 0],
      },
    ];
    await markReferenceChanged(store, 'p', model, NOW_MS);
    await saveReference(store, {
      project: 'p',
      model,
      version: '1',
      referenceId: 'r1',
      createdAtMs: NOW_MS,
      createdBy: 'me',
      source: 'test',
      n: 100,
      series,
      performance: {},
    });
    const stale = await verifyCells(store, range);
    expect(stale.mismatchCount).toBeGreaterThan(0);
    await reconcile.run('p', model, NOW_MS + 1);
    expect(await verifyCells(store, range)).toMatchObject({ predictions: 120, mismatchCount: 0 });
    await predictions.ingest(events.slice(120), `${model}-b`, NOW_MS + 2);
    const verified = await verifyCells(store, range);
    expect(verified).toMatchObject({ predictions: 200, mismatchCount: 0, mismatches: [] });
    expect(verified.cells).toBeGreaterThan(1_000);
    const city = (await mergeFeatureCells(store, window(model))).find((cell) => cell.binSetId === 'b2');
    expect(city).toMatchObject({ n: 150, missing: 50, binIndexes: [0, 1, 2], binCounts: [50, 50, 50] });
    expect(await counts(model)).toMatchObject({ gone: [0, 200, 0] });
  });

  it('counts a text with half a surrogate pair as the text that is stored, which is another one', async () => {
    const model = newModel();
    // Registered before it has a reference, as models are.
    await startProcess().reconcile.run('p', model, NOW_MS);
    const { predictions, reconcile } = startProcess();
    const bins = { edges: [], decileEdgeIndexes: [], otherHashes: [murmur3('Bonn')], counts: [1, 1, 0] };
    const numbers = { n: 2, missing: 0, invalid: 0, mean: 0, std: 1, min: 0, max: 9 };
    const categorical = { ...bins, ...numbers, kind: 'categorical' as const, categories: ['\ufffd'] };
    await saveReference(store, {
      ...{ project: 'p', model, version: '1', referenceId: 'r1', createdAtMs: NOW_MS, createdBy: 'me' },
      ...{ source: 'test', n: 2, performance: {} },
      series: [
        { ...categorical, series: 'city', binSetId: 'b1' },
        { ...categorical, series: '$prediction', binSetId: 'b2' },
      ],
    });
    const contexts = new IntakeContexts(configurationSchema.parse({}), () => '0'.repeat(16));
    const events = ['"\\ud800"', '"\\udc00"', '"Ulm"'].map((text, index) => {
      const json = `{"model":"${model}","prediction_id":"${index}","timestamp":${START_MS},
        "features":{"city":${text}},"prediction":{"label":${text}}}`;
      const event = readEvent(Buffer.from(json), parsePrediction, contexts.ofMessage('p', NOW_MS));
      if (event instanceof EventFault) throw new Error(event.message);
      return event;
    });
    await predictions.ingest(events, `${model}-a`, NOW_MS);
    const city = async () =>
      (await mergeFeatureCells(store, window(model))).filter((cell) => ['city', '$prediction'].includes(cell.series));
    const atIngest = await city();
    expect(atIngest.map(({ n, binCounts }) => [n, binCounts])).toEqual([
      [3, [2, 1]],
      [3, [2, 1]],
    ]);
    const range = { project: 'p', model, fromMs: START_MS, toMs: NOW_MS + DAY_MS };
    expect(await verifyCells(store, range)).toMatchObject({ predictions: 3, mismatchCount: 0 });
    await markHoursDirty(
      store,
      [{ project: 'p', model, hourMs: startOfHour(START_MS), aspect: 'rebuild', touchedAtMs: NOW_MS }],
      `${model}-rebuild`,
    );
    expect(await reconcile.run('p', model, NOW_MS)).toMatchObject({ rebuiltHours: 1 });
    expect(await city()).toEqual(atIngest);
  });

  it('joins a label whose prediction came between its look-up and its write', async () => {
    const model = newModel();
    const { predictions, labels, reconcile } = startProcess();
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if (table === 'label') {
        store.insertBlock = insertBlock;
        await predictions.ingest([prediction(model, 0)], `${model}-a`, NOW_MS);
        await reconcile.run('p', model, NOW_MS + 1);
      }
      return insertBlock(table, block, token);
    };
    await labels.ingest([label(model, 0, '1')], `${model}-l`, () => NOW_MS + 2);
    await reconcile.run('p', model, NOW_MS + 3);
    expect((await mergePerformanceCells(store, window(model))).labelled).toBe(1);
  });

  it('learns a kind again when writing it failed', async () => {
    const model = newModel();
    const { predictions } = startProcess();
    const insert = store.insert.bind(store);
    store.insert = async (table, rows, token) => {
      if (table === 'model_feature') throw new StorageError('no disk', 'unavailable', true);
      return insert(table, rows, token);
    };
    await expect(predictions.ingest([prediction(model, 1)], `${model}-a`, NOW_MS)).rejects.toThrow('no disk');
    store.insert = insert;
    await predictions.ingest([prediction(model, 1)], `${model}-a`, NOW_MS);
    expect((await findModelFeatures(store, 'p', model)).map(({ feature }) => feature)).toEqual(['age', 'city', 'vip']);
  });

  it('takes no class for the positive one while it knows only the other, and counts again once it does', async () => {
    const model = newModel();
    const { predictions, labels, reconcile } = startProcess();
    const scored = (index: number, text: string) => prediction(model, index, { label: text, score: 0.1 });
    await predictions.ingest([scored(0, '0')], `${model}-a`, NOW_MS);
    await labels.ingest([label(model, 0, '0')], `${model}-l`, () => NOW_MS + 1);
    await reconcile.run('p', model, NOW_MS + 2);
    await predictions.ingest([scored(1, '1')], `${model}-b`, NOW_MS + 3);
    await reconcile.run('p', model, NOW_MS + 4);
    const merged = await mergePerformanceCells(store, window(model));
    const total = (bins: readonly number[]): number => bins.reduce((sum, n) => sum + n, 0);
    expect(merged.scores.map(({ name, positives, negatives }) => [name, total(positives), total(negatives)])).toEqual([
      ['1', 0, 1],
    ]);
  });

  it('sets aside rows that the engine refuses, stores the others, and has cells of these alone', async () => {
    const model = newModel();
    const { predictions, reconcile } = startProcess();
    const insertBlock = store.insertBlock.bind(store);
    // The engine refuses every batch that holds the poisoned row.
    store.insertBlock = async (table, block, token) => {
      if (table === 'prediction' && block.bytes().includes('poison'))
        throw new StorageError('cannot parse', 'rejected', false);
      return insertBlock(table, block, token);
    };
    const events = Array.from({ length: 9 }, (_, index) =>
      prediction(model, index, index === 4 ? { predictionId: 'poison' } : {}),
    );
    const refused: RefusedPrediction[] = [];
    const result = await predictions.ingest(events, `${model}-a`, NOW_MS, async (rows) => void refused.push(...rows));
    store.insertBlock = insertBlock;
    expect(result).toEqual({ stored: 8, duplicates: 0, deadLetters: 1 });
    expect(refused).toMatchObject([{ event: { predictionId: 'poison' }, detail: 'cannot parse' }]);
    await reconcile.run('p', model, NOW_MS + 1);
    expect((await mergeTrafficCells(store, window(model))).n).toBe(8);
    expect(await verifyCells(store, { project: 'p', model, fromMs: START_MS, toMs: NOW_MS })).toMatchObject({
      mismatchCount: 0,
    });
    // Replayed once the engine takes it, it is no double: it was never stored.
    const replayed = await predictions.ingest([events[4]!], `${model}-b`, NOW_MS + 2);
    expect(replayed).toEqual({ stored: 1, duplicates: 0, deadLetters: 0 });
  });

  it('loses none of a batch that was interrupted while a refused insert was halved, and comes again after a restart', async () => {
    const model = newModel();
    const events = Array.from({ length: 8 }, (_, index) => prediction(model, index));
    const insertBlock = store.insertBlock.bind(store);
    const refuseMoreThan = (rows: number, takes: number): void => {
      let taken = 0;
      store.insertBlock = async (table, block, token) => {
        if (table !== 'prediction') return insertBlock(table, block, token);
        if (block.rows > rows) throw new StorageError('cannot parse', 'rejected', false);
        if (taken++ === takes) throw new Error('killed');
        return insertBlock(table, block, token);
      };
    };
    refuseMoreThan(4, 1);
    await expect(startProcess().predictions.ingest(events, `${model}-a`, NOW_MS)).rejects.toThrow('killed');
    // The next process knows the half that was stored; the other is refused and halved in its turn.
    refuseMoreThan(2, Infinity);
    const next = startProcess();
    await next.predictions.ingest(events, `${model}-a`, NOW_MS + 1);
    store.insertBlock = insertBlock;
    await next.reconcile.run('p', model, NOW_MS + 2);
    expect((await mergeTrafficCells(store, window(model))).n).toBe(8);
  });

  it('has written all that it will write of a batch when it gives it up', async () => {
    const model = newModel();
    const insertBlock = store.insertBlock.bind(store);
    let cellsWritten = false;
    store.insertBlock = async (table, block, token) => {
      if (table === 'prediction') throw new StorageError('no disk', 'unavailable', true);
      await insertBlock(table, block, token);
      if (table === 'traffic_cell') cellsWritten = true;
    };
    await expect(startProcess().predictions.ingest([prediction(model, 1)], `${model}-a`, NOW_MS)).rejects.toThrow(
      'no disk',
    );
    store.insertBlock = insertBlock;
    expect(cellsWritten).toBe(true);
  });

  it('keeps a feature beyond the model’s limit with the raw row, and counts no cell for it', async () => {
    const model = newModel();
    const predictions = new EventIngest(store, new ModelRegistry(store, 2));
    await predictions.ingest([prediction(model, 1)], `${model}-a`, NOW_MS);
    expect(Object.keys(await counts(model)).sort()).toEqual(['$score', 'age', 'city']);
    const hourMs = startOfHour(prediction(model, 1).timestampMs);
    for await (const parts of readPredictionHours(store, 'p', model, [hourMs])) {
      expect(parts.map(({ invalid }) => [...invalid])).toEqual([[[0, [['vip'], []]]]]);
    }
  });
});
