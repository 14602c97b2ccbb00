import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  columnMappingSchema,
  modelDeclarationSchema,
  type ModelFeature,
  type ReferenceProfile,
  type ReferenceSeries,
} from '@plumbline/contracts';
import { findSegmentValuesOfModels, migrate, Store } from '@plumbline/storage';
import { Comparisons } from './comparisons.js';
import { createReference } from './create-reference.js';
import { segmentProfile } from './segment-profile.js';

const NOW_MS = Date.UTC(2026, 0, 1);
/** Rows of a file: country, age, whether they are VIP, income. */
const ROWS: readonly (readonly [string, string, string, string])[] = [
  ...Array.from({ length: 30 }, (_, i) => ['DE', String(20 + i), 'true', String(1000 + i)] as const),
  ...Array.from({ length: 20 }, (_, i) => ['FR', String(40 + i), 'false', String(2000 + i)] as const),
  ...Array.from({ length: 10 }, (_, i) => ['東京', String(60 + i), 'true', ''] as const),
  ['', '18', 'true', '5'],
  ['x'.repeat(200), '19', 'false', 'inf'],
];

describe('references of segments', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-segment-reference-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    await writeFile(
      join(dataDir, 'reference.csv'),
      ['country,age,vip,income', ...ROWS.map((row) => row.join(','))].join('\n'),
    );
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const upload = (
    model: string,
    segments: readonly object[],
    features: readonly ModelFeature[] = [],
    file = 'reference.csv',
  ) =>
    createReference(store, {
      project: 'p',
      model,
      version: '1',
      createdBy: 'me',
      nowMs: NOW_MS,
      announce: async () => undefined,
      source: { path: join(dataDir, file), format: 'csv', mapping: columnMappingSchema.parse({}) },
      declaration: modelDeclarationSchema.parse({ segments }),
      features,
      performanceOf: () => ({}),
    });
  const seriesOf = async (profile: ReferenceProfile, segment: string, name: string): Promise<ReferenceSeries> =>
    (await segmentProfile(store, profile, segment)).series.find(({ series }) => series === name)!;
  const rowsOf = async (profile: ReferenceProfile, segment: string): Promise<number> =>
    (await segmentProfile(store, profile, segment)).n;

  it('have the bins of the whole, and the counts and moments of their own rows', async () => {
    const profile = await upload('slices', [
      { name: 'de', where: { country: 'DE' } },
      { name: 'middle', where: { age: { from: 30, to: 45 } } },
      { name: 'young-vip', where: { age: { to: 30 }, vip: true } },
    ]);
    const whole = profile.series.find(({ series }) => series === 'income')!;
    const income = await seriesOf(profile, 'de', 'income');
    expect(income).toMatchObject({ binSetId: whole.binSetId, edges: whole.edges, n: 30, missing: 0, invalid: 0 });
    expect(income).toMatchObject({ min: 1000, max: 1029 });
    expect(income.mean).toBeCloseTo(1014.5, 9);
    expect(income.std).toBeCloseTo(Math.sqrt((30 * 30 - 1) / 12), 6);
    const inBin = (value: number) => whole.edges.filter((edge) => edge <= value).length;
    const wanted = whole.counts.map(() => 0);
    for (let i = 0; i < 30; i++) wanted[inBin(1000 + i)]! += 1;
    expect(income.counts).toEqual(wanted);

    expect(await rowsOf(profile, 'middle')).toBe(20 + 0 + 0);
    expect(await rowsOf(profile, 'young-vip')).toBe(11);
    const country = await seriesOf(profile, 'middle', 'country');
    const byName = Object.fromEntries(country.categories.map((name, i) => [name, country.counts[i]]));
    expect(byName).toMatchObject({ DE: 15, FR: 5, 東京: 0 });
    expect(await seriesOf(profile, 'young-vip', 'income')).toMatchObject({ n: 11, missing: 0 });
  });

  it('of values take the most frequent ones first, and put the others together; a missing value is in none', async () => {
    const profile = await upload('values', [{ name: 'country', by: 'country', limit: 2 }]);
    expect(await findSegmentValuesOfModels(store, [{ project: 'p', model: 'values' }])).toEqual(
      new Map([['p/values', new Map([['country', ['DE', 'FR']]])]]),
    );
    expect(await rowsOf(profile, 'country=DE')).toBe(30);
    expect(await rowsOf(profile, 'country=FR')).toBe(20);
    expect(await rowsOf(profile, 'country:other')).toBe(11);
    expect(await seriesOf(profile, 'country:other', 'income')).toMatchObject({ n: 0, missing: 10, invalid: 1 });
    const country = await seriesOf(profile, 'country=DE', 'country');
    expect(country.counts[country.categories.indexOf('DE')]).toBe(30);
    // A value that is too long has no segment, however much room there is.
    await upload('roomy', [{ name: 'country', by: 'country' }]);
    expect(await findSegmentValuesOfModels(store, [{ project: 'p', model: 'roomy' }])).toEqual(
      new Map([['p/roomy', new Map([['country', ['DE', 'FR', '東京']]])]]),
    );
  });

  it('take declared values as they are, numbers by their text', async () => {
    const kinds: ModelFeature[] = [{ feature: 'age', kind: 'numeric', origin: 'declared' }];
    const profile = await upload('declared', [{ name: 'age', by: 'age', values: [20, '40', 99] }], kinds);
    expect(await rowsOf(profile, 'age=20')).toBe(1);
    expect(await rowsOf(profile, 'age=40')).toBe(2);
    expect(await rowsOf(profile, 'age=99')).toBe(0);
    expect(await rowsOf(profile, 'age:other')).toBe(ROWS.length - 3);
  });

  it('read columns of any name', async () => {
    const names = ['x', 'v', 'segments', 'segment', 'slot', 'lower', 'value', 'a `b` "c"'];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const lines = Array.from({ length: 40 }, (_, i) => names.map((_name, j) => (i + j) % 4).join(','));
    await writeFile(join(dataDir, 'names.csv'), [header, ...lines].join('\n'));
    const segments = names.flatMap((name, j) => [
      { name: `is-${j}`, where: { [name]: 1 } },
      { name: `by-${j}`, by: name, limit: 2 },
    ]);
    const profile = await upload('names', segments, [], 'names.csv');
    for (const j of names.keys()) {
      const own = await segmentProfile(store, profile, `is-${j}`);
      for (const [k, name] of names.entries()) {
        const { edges, counts } = own.series.find(({ series }) => series === name)!;
        const value = (1 - j + k + 8) % 4;
        expect(counts[edges.filter((edge) => edge <= value).length]).toBe(10);
      }
      expect(await rowsOf(profile, `by-${j}=0`)).toBe(10);
      expect(await rowsOf(profile, `by-${j}:other`)).toBe(20);
    }
  });

  it('have no rows where the file lacks the column, or it is of another type', async () => {
    const profile = await upload('lacking', [
      { name: 'gold', where: { tier: 'gold' } },
      { name: 'tier', by: 'tier' },
      { name: 'range-of-texts', where: { country: { from: 0 } } },
      { name: 'all', where: { age: { from: 0 } } },
    ]);
    for (const segment of ['gold', 'tier:other', 'range-of-texts', 'never-declared'])
      expect(await rowsOf(profile, segment)).toBe(0);
    expect(await rowsOf(profile, 'all')).toBe(ROWS.length);

    const model = {
      project: 'p',
      model: 'lacking',
      declaration: modelDeclarationSchema.parse({}),
      origin: 'declared',
      updatedAtMs: NOW_MS,
      updatedBy: 'me',
    } as const;
    const window = { startMs: NOW_MS, endMs: NOW_MS + 86_400_000 };
    const compared = (segment: string, series: boolean) =>
      new Comparisons(store, model).of({ version: '1', segment, window, dataStartMs: NOW_MS }, undefined, {
        series,
        chunks: series,
      });
    expect(await compared('gold', true)).toMatchObject({
      profile: undefined,
      lacking: expect.stringMatching(/^the reference has no rows of segment gold: upload it once more/) as string,
    });
    expect((await compared('all', true)).profile?.n).toBe(ROWS.length);
    // Performance needs no series: it is compared with that of the whole reference.
    expect((await compared('gold', false)).profile?.referenceId).toBe(profile.referenceId);
    expect(await seriesOf(profile, 'gold', 'age')).toMatchObject({
      n: 0,
      counts: expect.arrayContaining([0]) as number[],
    });
  });
});
