import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { columnMappingSchema, modelDeclarationSchema, type ReferenceProfile } from '@plumbline/contracts';
import { compileBinSet } from '@plumbline/monitoring';
import { coalesce, quantileEdges } from '@plumbline/statistics';
import { findReference, migrate, Store } from '@plumbline/storage';
import { createReference, type ReferenceRequest } from './create-reference.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const shared = resolve(import.meta.dirname, '../../../../shared');
const hasData = existsSync(join(shared, 'data/car_loan')) && existsSync(join(shared, 'oracles'));
if (!hasData)
  console.warn('skipped: references of car_loan, because the folder ../shared with data and oracles is absent');
const withData = hasData ? it : it.skip;

interface OracleWindow {
  readonly decile_edges: number[];
  readonly decile_ref_counts: number[];
}

describe('createReference', () => {
  let dataDir: string;
  let store: Store;
  let announced = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-reference-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const request = (path: string, format: 'parquet' | 'csv' | 'ndjson', mapping: object): ReferenceRequest => ({
    project: 'p',
    model: 'm',
    version: '1',
    createdBy: 'me',
    nowMs: NOW_MS,
    announce: async () => void announced++,
    source: { path, format, mapping: columnMappingSchema.parse(mapping) },
    declaration: modelDeclarationSchema.parse({}),
    features: [],
    performanceOf: ({ confusion, labelled, scores }) => ({
      labelled,
      accuracy: confusion.filter((one) => one.predicted === one.label).reduce((sum, one) => sum + one.n, 0) / labelled,
      positives: (scores[0]?.positives ?? []).reduce((sum, n) => sum + n, 0),
      negatives: (scores[0]?.negatives ?? []).reduce((sum, n) => sum + n, 0),
    }),
  });
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(dataDir, name);
    await writeFile(path, content);
    return path;
  };
  const series = (profile: ReferenceProfile, name: string) => profile.series.find((one) => one.series === name)!;

  withData('has the decile edges and counts of numpy on car_loan', async () => {
    const mapping = { timestamp: 'timestamp', prediction: 'y_pred', score: 'y_pred_proba', label: 'repaid' };
    const path = join(shared, 'data/car_loan/reference_synthetic_car_loan.parquet');
    const profile = await createReference(store, request(path, 'parquet', mapping));
    expect(profile.n).toBe(50_000);
    expect(profile.performance).toMatchObject({ labelled: 50_000 });
    expect(profile.performance.accuracy).toBeGreaterThan(0.93);
    const oracle = JSON.parse(readFileSync(join(shared, 'oracles/exact_car_loan_univariate.json'), 'utf8')) as {
      results: Record<string, OracleWindow[]>;
    };
    let compared = 0;
    for (const [name, windows] of Object.entries(oracle.results)) {
      const expected = windows[0]!;
      if (expected.decile_edges === undefined) continue;
      const found = series(profile, { y_pred_proba: '$score' }[name] ?? name);
      if (found?.kind !== 'numeric') continue;
      expect(found.decileEdgeIndexes.map((index) => found.edges[index])).toEqual(expected.decile_edges);
      expect(coalesce(found.counts, found.decileEdgeIndexes)).toEqual(expected.decile_ref_counts);
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(5);
    for (const { chunks = [], counts } of profile.series) {
      expect(chunks.map(({ n, missing }) => n + missing)).toEqual(Array<number>(10).fill(5_000));
      expect(counts).toEqual(counts.map((_, bin) => chunks.reduce((sum, chunk) => sum + chunk.counts[bin]!, 0)));
    }
    expect(await findReference(store, 'p', 'm', '1')).toEqual(profile);
    const again = await createReference(store, request(path, 'parquet', mapping));
    expect(again.referenceId).toBe(profile.referenceId);
  });

  it('profiles CSV: numbers, few values, categories, missing values, classes', async () => {
    const lines = Array.from(
      { length: 200 },
      (_, i) => `${i === 0 ? '' : i / 8},${i % 3},${['a', 'b', ''][i % 3]},${i % 2 === 0},${i % 2}`,
    );
    const path = await write('r.csv', ['x,few,city,pred,label', ...lines].join('\n') + '\n');
    const profile = await createReference(store, request(path, 'csv', { prediction: 'pred', label: 'label' }));
    expect(series(profile, 'x')).toMatchObject({ kind: 'numeric', n: 199, missing: 1, min: 0.125, max: 24.875 });
    expect(series(profile, 'x').counts.reduce((sum, n) => sum + n, 0)).toBe(199);
    expect(series(profile, 'few')).toMatchObject({
      kind: 'numeric',
      edges: [0, 1, 2, 2.0000000000000004],
      counts: [0, 67, 67, 66, 0],
    });
    expect(series(profile, 'city')).toMatchObject({ categories: ['a', 'b'], missing: 66, counts: [67, 67, 0, 0] });
    expect(series(profile, '$prediction').categories.slice().sort()).toEqual(['0', '1']);
    expect(profile.performance.accuracy).toBe(0);
  });

  describe('awkward columns', () => {
    const one = async (name: string, values: readonly string[], format: 'csv' | 'ndjson' = 'csv') => {
      const path = await write(`${name}.${format}`, ['x', ...values].join('\n') + '\n');
      return series(await createReference(store, request(path, format, {})), 'x');
    };
    const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0);

    it('a constant has a bin of its own, and everything else lies outside', async () => {
      const x = await one('constant', new Array<string>(50).fill('7.5'));
      expect(x).toMatchObject({ n: 50, mean: 7.5, std: 0, min: 7.5, max: 7.5, counts: [0, 50, 0] });
      expect(x.edges).toEqual([7.5, 7.500000000000001]);
    });

    it('nothing but missing values is a reference without values', async () => {
      const lines = ['x,y', ...Array.from({ length: 20 }, (_, i) => `,${i}`)].join('\n') + '\n';
      const path = await write('missing.csv', lines);
      const feature = { feature: 'x', kind: 'numeric', origin: 'declared' } as const;
      const profile = await createReference(store, { ...request(path, 'csv', {}), features: [feature] });
      expect(series(profile, 'x')).toMatchObject({ n: 0, missing: 20, counts: [0], edges: [] });
      expect(series((await findReference(store, 'p', 'm', '1'))!, 'x')).toMatchObject({ n: 0, missing: 20 });
    });

    it('NaN is missing, infinities are invalid, minus zero is zero', async () => {
      const x = await one('special', ['nan', 'inf', '-inf', '-0', '0', '0', '1', '1']);
      expect(x).toMatchObject({ n: 5, missing: 1, invalid: 2, min: 0, max: 1, mean: 0.4 });
      expect(x.counts[x.edges.indexOf(0) + 1]).toBe(3);
      expect(x.edges.some((edge) => Object.is(edge, -0))).toBe(false);
    });

    it('numbers at the end of the range of doubles have finite bins and moments', async () => {
      const values = Array.from({ length: 300 }, (_, i) => `${i % 2 === 0 ? '' : '-'}${1 + (i % 100) / 200}e308`);
      const x = await one('huge', values);
      expect(x.n).toBe(300);
      expect(total(x.counts)).toBe(300);
      expect(x.edges.every(Number.isFinite)).toBe(true);
      expect(x.counts[0]).toBe(0);
      expect(x.counts.at(-1)).toBe(0);
      const stored = series((await findReference(store, 'p', 'm', '1'))!, 'x');
      expect(stored).toEqual(x);
    });

    it('columns may have any name', async () => {
      const names = ['at', 'tie', 'raw', 'v', 'x', 'bad', 'plumbline', 'it\'s "one"'];
      const lines = Array.from({ length: 40 }, (_, i) => names.map((_name, k) => i + 100 * k).join());
      const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join();
      const path = await write('names.csv', [header, ...lines].join('\n') + '\n');
      for (const mapping of [{}, { timestamp: 'at' }]) {
        const profile = await createReference(store, request(path, 'csv', mapping));
        names.forEach((name, k) => {
          if ('timestamp' in mapping && name === 'at') return;
          const found = series(profile, name);
          expect([name, found.min, found.max, found.chunks![3]!.sum]).toEqual([
            name,
            100 * k,
            100 * k + 39,
            4 * (100 * k + 13.5),
          ]);
        });
      }
      const texts = [
        'n,x,category,absent,position',
        ...lines.map((_, i) =>
          Array(5)
            .fill(`c${i % 4}`)
            .join(),
        ),
      ];
      const other = await write('text-names.csv', texts.join('\n') + '\n');
      const profile = await createReference(store, request(other, 'csv', {}));
      for (const name of texts[0]!.split(',')) expect(series(profile, name).counts).toEqual([10, 10, 10, 10, 0, 0]);
    });

    it('a value that many rows have shares its bin with no other', async () => {
      const values = Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? 0 : i % 10 === 1 ? 5.5 : Math.sqrt(i)));
      const x = await one('zeros', values.map(String));
      const binSet = compileBinSet(x);
      expect(x.counts[binSet.binOfNumber(0)]).toBe(1500);
      expect(x.counts[binSet.binOfNumber(5.5)]).toBe(300);
      // The engine and the ingester count alike.
      const counted = x.counts.map(() => 0);
      for (const value of values) counted[binSet.binOfNumber(value)]!++;
      expect(x.counts).toEqual(counted);
      expect(x.decileEdgeIndexes.map((index) => x.edges[index])).toEqual(
        quantileEdges(Float64Array.from(values).sort(), 10),
      );
    });

    it('numbers with an exponent are numbers', async () => {
      const x = await one('exponents', ['0.5', '1e-05', '2.5E+3', '-3e2']);
      expect(x).toMatchObject({ kind: 'numeric', n: 4, min: -300, max: 2500 });
    });

    it('integers beyond 2^53 are the doubles next to them', async () => {
      const x = await one('integers', [
        '9007199254740993',
        '9007199254740992',
        '9007199254740996',
        '18446744073709551615',
      ]);
      expect(x).toMatchObject({ n: 4, min: 9007199254740992, max: 18446744073709552000 });
      expect(total(x.counts)).toBe(4);
    });

    it('categories are told apart as they are written', async () => {
      const texts = ['\u00e9', 'e\u0301', '"', "'", '\\', '日本', ' a', 'a', 'A', '🙂', 'NULL', 'null', '{x}'];
      const path = await write('texts.ndjson', texts.map((x) => JSON.stringify({ x })).join('\n') + '\n');
      const x = series(await createReference(store, request(path, 'ndjson', {})), 'x');
      expect([...x.categories].sort()).toEqual([...texts].sort());
      expect(x).toMatchObject({ n: texts.length, missing: 0, singletons: texts.length });
      expect(x.chunks!.map(({ counts }) => total(counts)).reduce((sum, n) => sum + n, 0)).toBe(texts.length);
    });

    it('of very many categories it lists a hundred, and knows the others', async () => {
      const lines = Array.from({ length: 30_000 }, (_, i) => (i < 15_000 ? `often-${i % 100}` : `once-${i}`));
      const x = await one('many', lines);
      expect(x.categories).toHaveLength(100);
      expect(x).toMatchObject({ n: 30_000, singletons: 15_000 });
      expect(x.counts.slice(100)).toEqual([15_000, 0]);
      expect(x.otherHashes.length).toBeGreaterThan(14_900);
    });
  });

  describe('chunks', () => {
    // 30 rows over 30 days, written backwards; on day d the value is d, and the colour changes every ten days.
    const day = (d: number) => new Date(Date.UTC(2026, 0, 1 + d)).toISOString();
    const rows = Array.from({ length: 30 }, (_, i) => 29 - i);
    const colour = (d: number) => ['red', 'it\'s "blue", \\ ', 'grün'][Math.floor(d / 10)]!;
    const csv = (timeOf: (d: number) => string | number) =>
      [
        'at,x,colour',
        ...rows.map((d) => `${timeOf(d)},${d % 3 === 0 ? '' : d},"${colour(d).replaceAll('"', '""')}"`),
      ].join('\n');

    it.each([
      ['texts of instants', (d: number) => day(d)],
      ['numbers', (d: number) => Date.parse(day(d)) / 1000],
      ['texts that the engine reads as such', (d: number) => day(d).replace('T', ' ').slice(0, 19)],
    ])('are in the order of time where rows have times: %s', async (_, timeOf) => {
      const path = await write('chunks.csv', csv(timeOf));
      const profile = await createReference(store, request(path, 'csv', { timestamp: 'at' }));
      const x = series(profile, 'x');
      expect(x.chunks!.map(({ n, missing, sum, min, max }) => [n, missing, sum, min, max])).toEqual(
        Array.from({ length: 10 }, (_each, k) => [2, 1, 6 * k + 3, 3 * k + 1, 3 * k + 2]),
      );
      expect(x.chunks![4]!.sumSquares).toBe(13 ** 2 + 14 ** 2);
      const { categories, chunks } = series(profile, 'colour');
      const places = [0, 10, 20].map((d) => categories.indexOf(colour(d)));
      expect(chunks!.map(({ counts }) => places.map((place) => counts[place]))).toEqual([
        ...[
          [3, 0, 0],
          [3, 0, 0],
          [3, 0, 0],
          [1, 2, 0],
          [0, 3, 0],
          [0, 3, 0],
          [0, 2, 1],
        ],
        ...[
          [0, 0, 3],
          [0, 0, 3],
          [0, 0, 3],
        ],
      ]);
      expect((await findReference(store, 'p', 'm', '1'))!.series).toEqual(profile.series);
    });

    it('are in the order of the rows without times, and fewer than ten where there are fewer rows', async () => {
      const path = await write(
        'rows.csv',
        csv(() => 'x'),
      );
      const profile = await createReference(store, request(path, 'csv', { ignore: ['at'] }));
      expect(series(profile, 'x').chunks!.map(({ max }) => max)).toEqual([29, 26, 23, 20, 17, 14, 11, 8, 5, 2]);
      const short = await write('short.csv', 'x\n4\n\n6\n');
      const three = await createReference(store, request(short, 'csv', {}));
      expect(series(three, 'x').chunks!.map(({ n, missing, sum }) => [n, missing, sum])).toEqual([
        [1, 0, 4],
        [0, 1, 0],
        [1, 0, 6],
      ]);
    });

    it('put rows without a time last', async () => {
      const path = await write(
        'untimed.csv',
        csv((d) => (d < 3 ? '' : day(d))),
      );
      const profile = await createReference(store, request(path, 'csv', { timestamp: 'at' }));
      expect(series(profile, 'x').chunks!.map(({ sum }) => sum)).toEqual([9, 15, 21, 27, 33, 39, 45, 51, 57, 3]);
    });
  });

  it.each([
    ['a column that is not there', 'x\n1\n', { label: 'truth' }, { reason: 'unknown_column', field: 'truth' }],
    [
      'a file without rows',
      'x,y\n',
      {},
      { reason: 'unreadable', message: expect.stringContaining('no rows') as string },
    ],
  ])('refuses %s and leaves nothing', async (_, content, mapping, expected) => {
    const path = await write('bad.csv', content);
    const before = announced;
    const attempt = createReference(store, { ...request(path, 'csv', mapping), model: 'refused' });
    await expect(attempt).rejects.toMatchObject({ name: 'InvalidReferenceError', ...expected });
    expect(await findReference(store, 'p', 'refused', '1')).toBeUndefined();
    // Otherwise all cells of the model would be rebuilt for nothing.
    expect(announced).toBe(before);
  });

  it('names column and row of a text where a number is declared', async () => {
    const path = await write('text.csv', 'age,city\n1,a\n2,b\nold,c\n');
    const attempt = createReference(store, {
      ...request(path, 'csv', {}),
      features: [{ feature: 'age', kind: 'numeric', origin: 'declared' }],
    });
    await expect(attempt).rejects.toMatchObject({ reason: 'not_a_number', field: 'age', row: 3 });
  });

  it.each([
    ['a feature', 'vip', {}, []],
    ['one that services send as a boolean', 'vip', {}, [{ feature: 'vip', kind: 'boolean' as const }]],
    ['the answer', 'vip', { prediction: 'vip' }, []],
    ['the label', 'vip', { prediction: 'answer', label: 'vip' }, []],
  ])('refuses booleans that Python wrote into CSV: %s', async (_, field, mapping, features) => {
    const path = await write('python.csv', 'age,vip,answer\n41,True,1\n29,False,0\n');
    const known = features.map((one) => ({ ...one, origin: 'inferred' as const }));
    const attempt = createReference(store, { ...request(path, 'csv', mapping), features: known });
    await expect(attempt).rejects.toMatchObject({ reason: 'boolean_as_text', field });
    await expect(attempt).rejects.toThrow('write true and false, or 1 and 0');
  });

  it('takes True for a category where the feature is known to be text', async () => {
    const path = await write('text.csv', 'age,vip\n41,True\n29,False\n');
    const features = [{ feature: 'vip', kind: 'categorical', origin: 'declared' }] as const;
    const profile = await createReference(store, { ...request(path, 'csv', {}), features });
    expect([...series(profile, 'vip').categories].sort()).toEqual(['False', 'True']);
  });

  it('names the row of a line that the engine cannot read', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},x`);
    const path = await write('late.csv', ['age,city', ...rows, 'old,y'].join('\n') + '\n');
    await expect(createReference(store, request(path, 'csv', {}))).rejects.toMatchObject({
      reason: 'unreadable',
      row: 30_001,
    });
  });

  it('refuses a file of another format', async () => {
    const path = await write('not.parquet', 'age\n1\n');
    await expect(createReference(store, request(path, 'parquet', {}))).rejects.toMatchObject({ reason: 'unreadable' });
  });
});
