import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FeatureCell,
  type Model,
  modelDeclarationSchema,
  referenceDeclarationSchema,
  type ReferenceProfile,
  type ReferenceSeries,
  type TrafficCell,
} from '@plumbline/contracts';
import { insertCells, migrate, rollUpHours, saveReference, Store } from '@plumbline/storage';
import { type Comparison, Comparisons } from './comparisons.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.UTC(2026, 0, 1);
const all = { series: true, chunks: false };

const colour: ReferenceSeries = {
  ...{ series: 'colour', kind: 'categorical', binSetId: 'b', edges: [], decileEdgeIndexes: [], otherHashes: [] },
  ...{
    categories: ['red', 'blue'],
    counts: [5, 5, 0, 0],
    n: 10,
    missing: 0,
    invalid: 0,
    mean: 0,
    std: 0,
    min: 0,
    max: 0,
  },
};

describe('Comparisons', () => {
  let dataDir: string;
  let store: Store;
  let models = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-comparisons-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const modelOf = (declaration: object = {}): Model => ({
    ...{ project: 'p', model: `m-${++models}`, origin: 'declared', updatedAtMs: 1, updatedBy: 'me' },
    declaration: modelDeclarationSchema.parse(declaration),
  });
  const save = async ({ project, model }: Model, values: Partial<ReferenceProfile> = {}): Promise<void> =>
    saveReference(store, {
      ...{ project, model, version: '1', referenceId: 'stored', createdAtMs: START_MS, createdBy: 'me' },
      ...{ source: 'a file', n: 10, series: [colour], performance: { accuracy: 0.9 }, ...values },
    });
  /** One cell for each of the hours: so many red ones, and as many blue ones as there are hours before it. */
  const play = async (
    { project, model }: Model,
    red: readonly number[],
    { version = '1', segment = '', minute = 0 } = {},
  ): Promise<void> => {
    const key = { project, model, version, segment };
    const at = (hour: number): number => START_MS + hour * HOUR_MS + minute * MINUTE_MS;
    const features = red.map((n, hour): FeatureCell => ({
      ...{ ...key, series: 'colour', binSetId: 'b', minuteMs: at(hour), n: n + hour, missing: 1, invalid: 0 },
      ...{ sum: 0, sumSquares: 0, min: Infinity, max: -Infinity, binIndexes: [0, 1], binCounts: [n, hour] },
    }));
    const traffic = red.map((n, hour): TrafficCell => ({
      ...{ ...key, minuteMs: at(hour), n: n + hour + 1, idHashSum: 0, errors: 0, latencyN: 0 },
      ...{ latencyBinIndexes: [], latencyBinCounts: [], weight: n + hour + 1, weightSquares: n + hour + 1 },
    }));
    await insertCells(store, features, traffic, `${model}:${version}:${segment}:${minute}`);
    const hoursMs = red.map((_, hour) => START_MS + hour * HOUR_MS);
    await rollUpHours(store, project, model, hoursMs, START_MS);
  };
  const hours = (from: number, to: number) => ({ startMs: START_MS + from * HOUR_MS, endMs: START_MS + to * HOUR_MS });
  const compare = (
    model: Model,
    [from, to]: readonly [number, number],
    declared?: object,
    { version = '1', segment = '', widened = from, parts = all } = {},
  ): Promise<Comparison> =>
    new Comparisons(store, model).of(
      { version, segment, window: hours(from, to), dataStartMs: START_MS + widened * HOUR_MS },
      declared === undefined ? undefined : referenceDeclarationSchema.parse(declared),
      parts,
    );
  const counts = ({ profile }: Comparison): readonly number[] => profile!.series[0]!.counts;

  const TEN = Array.from({ length: 10 }, (_, hour) => 10 * hour);

  it.each([
    ['previous', { kind: 'previous' }, [5, 6], 5, [40, 4]],
    ['previous of widened data', { kind: 'previous' }, [5, 6], 4, [20 + 30, 2 + 3]],
    ['rolling', { kind: 'rolling', length: '3h', gap: '1h' }, [8, 9], 8, [40 + 50 + 60, 15]],
    ['rolling, from before the first prediction', { kind: 'rolling', length: '100h' }, [2, 3], 2, [10, 1]],
    ['seasonal', { kind: 'seasonal', period: '4h' }, [9, 10], 9, [50, 5]],
    ['several seasons', { kind: 'seasonal', period: '3h', count: 3 }, [9, 10], 9, [60 + 30, 9]],
    ['fixed', { kind: 'fixed', from: '2026-01-01T01:00:00Z', to: '2026-01-01T03:00:00Z' }, [9, 10], 9, [30, 3]],
  ] as const)('%s', async (_, declared, window, widened, [red, blue]) => {
    const model = modelOf();
    await save(model);
    await play(model, TEN);
    const compared = await compare(model, window, declared, { widened });
    expect(counts(compared)).toEqual([red, blue, 0, 0]);
    expect(compared.profile).toMatchObject({ kind: declared.kind, version: '1' });
  });

  it('several seasons that do not begin at whole hours take just their minutes', async () => {
    const model = modelOf();
    await save(model);
    await play(model, TEN, { minute: 10 });
    await play(model, TEN, { minute: 40 });
    // Windows from 20 to 50 minutes past the hour: only the second cell of each hour is in one.
    const window = { startMs: START_MS + 9 * HOUR_MS + 20 * MINUTE_MS, endMs: START_MS + 9 * HOUR_MS + 50 * MINUTE_MS };
    const declared = referenceDeclarationSchema.parse({ kind: 'seasonal', period: '2h', count: 2 });
    const data = { version: '1', segment: '', window, dataStartMs: window.startMs };
    expect(counts(await new Comparisons(store, model).of(data, declared, all))).toEqual([70 + 50, 7 + 5, 0, 0]);
  });

  it('another version is read in the same window, and in its last one once it is gone', async () => {
    const model = modelOf({ reference: { kind: 'version', version: '1' } });
    await save(model);
    await play(model, TEN.slice(0, 6));
    await play(model, TEN, { version: '2' });
    expect(counts(await compare(model, [4, 5], undefined, { version: '2' }))).toEqual([40, 4, 0, 0]);
    expect(counts(await compare(model, [9, 10], undefined, { version: '2' }))).toEqual([50, 5, 0, 0]);
    expect(await compare(model, [4, 5])).toMatchObject({
      profile: undefined,
      lacking: expect.stringContaining('itself') as string,
    });
    const unknown = await compare(model, [4, 5], { kind: 'version', version: '7' });
    expect(unknown.lacking).toMatch(/version 7.*no predictions yet.*reference\.version/);
  });

  it('a segment is compared with its own past', async () => {
    const model = modelOf();
    await save(model);
    await play(model, TEN);
    await play(model, [7, 8], { segment: 'vip' });
    const compared = await compare(model, [1, 2], { kind: 'previous' }, { segment: 'vip' });
    expect(counts(compared)).toEqual([7, 0, 0, 0]);
    expect(compared.profile!.referenceId).toBe('previous:1:20260101T0000Z-20260101T0100Z:stored:vip');
  });

  it('keeps parts where they are asked for', async () => {
    const model = modelOf();
    await save(model);
    await play(model, TEN);
    const chunked = { parts: { series: true, chunks: true } };
    const rolling = await compare(model, [10, 11], { kind: 'rolling', length: '10h' }, chunked);
    expect(rolling.profile!.series[0]!.chunks!.map((chunk) => chunk.counts[0])).toEqual(TEN);
    const seasonal = await compare(model, [9, 10], { kind: 'seasonal', period: '3h', count: 3 }, chunked);
    expect(seasonal.profile!.series[0]!.chunks!.map((chunk) => chunk.counts[0])).toEqual([0, 30, 60]);
  });

  it('says what is missing', async () => {
    const model = modelOf();
    await play(model, TEN);
    expect((await compare(model, [1, 2])).lacking).toMatch(/upload one.*or declare reference\.kind/);
    expect((await compare(model, [1, 2], { kind: 'previous' })).lacking).toMatch(/no bins.*first 200 predictions/);
    await save(model, { kind: 'bins', referenceId: 'made' });
    // Bins that nobody chose are nothing to be compared with, but what moves is counted in them.
    expect((await compare(model, [1, 2])).lacking).toMatch(/upload one/);
    expect((await compare(model, [1, 2], { kind: 'previous' })).profile?.referenceId).toMatch(/:made$/);
    await save(model);
    expect((await compare(model, [1, 2])).profile?.referenceId).toBe('stored');
  });

  it('takes what was in force before, whatever is declared and posted now', async () => {
    const model = modelOf({ reference: { kind: 'rolling', length: '3h', gap: '1h' } });
    await save(model);
    await play(model, TEN);
    const window = hours(8, 9);
    const data = { version: '1', segment: '', window, dataStartMs: window.startMs };
    const before = await new Comparisons(store, model).of(data, undefined, all);
    await save(model, { referenceId: 'newer', createdAtMs: START_MS + 1, series: [{ ...colour, binSetId: 'c' }] });
    const changed = { ...model, declaration: modelDeclarationSchema.parse({ reference: { kind: 'previous' } }) };
    const inForce = { referenceId: before.profile!.referenceId, dataStartMs: window.startMs };
    const again = await new Comparisons(store, changed).of(data, undefined, all, inForce);
    expect(again.profile).toEqual(before.profile);
    // Widened data is compared in the same manner, with what came before it.
    const wider = { ...data, dataStartMs: START_MS + 7 * HOUR_MS };
    expect(counts(await new Comparisons(store, changed).of(wider, undefined, all, inForce))).toEqual([
      30 + 40 + 50,
      12,
      0,
      0,
    ]);
    const stored = { referenceId: 'stored', dataStartMs: window.startMs };
    const first = await new Comparisons(store, changed).of(data, undefined, all, stored);
    expect(first.profile?.referenceId).toBe('stored');
    const unknown = { referenceId: 'lost', dataStartMs: window.startMs };
    expect(
      (await new Comparisons(store, changed).of(data, { kind: 'uploaded' }, all, unknown)).profile?.referenceId,
    ).toBe('newer');
  });

  it('prefers a posted reference of the model to bins of the version’s own', async () => {
    const model = modelOf();
    await save(model, { kind: 'bins', referenceId: 'made', version: '2' });
    await save(model);
    expect((await compare(model, [1, 2], undefined, { version: '2' })).profile?.referenceId).toBe('stored');
  });
});
