import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertReply, CellVerificationReply, IntakeReply, MeasurementReply } from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';

const DAY_MS = 86_400_000;
const DAY_0_MS = Math.floor(Date.now() / DAY_MS - 20) * DAY_MS;
const ROWS = 2000;
const EVENTS_PER_REQUEST = 500;

type Value = number | string | boolean | null;
type Features = Readonly<Record<string, Value>>;

/** What happens to a feature, from its clean value. */
const POISONS: Readonly<Record<string, (clean: Value, row: number) => Value | undefined>> = {
  all_missing: () => null,
  gone: () => undefined,
  flipped_to_text: () => 'high',
  number_as_text: (clean) => String(clean),
  nan_as_text: () => 'NaN',
  flipped_to_number: (_, row) => row,
  half_flipped: (clean, row) => (row % 10 < 6 ? 'high' : clean),
  huge: (_, row) => (row % 2 === 0 ? 1e308 : -1e308),
  tiny: (_, row) => (row % 2 === 0 ? 5e-324 : -0),
  beyond_exact: (_, row) => 2 ** 53 + 2 * row,
  exploded: (_, row) => `category-${row}`,
  long: (_, row) => `${row}`.padEnd(10_000, 'x'),
  flag_as_text: (clean) => String(clean),
  unicode: (_, row) => String.fromCodePoint(0x1f300 + (row % 500)),
};
const NUMBERS = [
  'all_missing',
  'gone',
  'flipped_to_text',
  'number_as_text',
  'nan_as_text',
  'half_flipped',
  'huge',
  'tiny',
  'beyond_exact',
];
const TEXTS = ['flipped_to_number', 'exploded', 'long', 'unicode'];
const CLEAN = ['income', 'age', 'city', 'vip'];

/** Numbers from 0 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

function cleanRows(seed: number): Features[] {
  const random = seeded(seed);
  const city = (): string => ['Ulm', 'Bonn', 'Kiel', 'Jena'][Math.floor(4 * random())]!;
  return Array.from({ length: ROWS }, () => ({
    income: Math.round(1000 + 5000 * random()),
    age: 18 + Math.floor(60 * random()),
    city: city(),
    vip: random() < 0.3,
    ...Object.fromEntries(NUMBERS.map((name) => [name, Math.round(1e4 * random()) / 100])),
    ...Object.fromEntries(TEXTS.map((name) => [name, city()])),
    flag_as_text: random() < 0.5,
  }));
}

function poisoned(row: Features, index: number): Features {
  const values = Object.entries(row).flatMap(([name, clean]): [string, Value][] => {
    const poison = POISONS[name];
    const value = poison === undefined ? clean : poison(clean, index);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(values);
}

/** Features that go wrong in every way, beside a twin of the model in which nothing does. invariant 6 @embedded-only */
describe('a poisoned feature', () => {
  let dataDir: string;
  let server: StandaloneServer;
  const found = new Map<string, MeasurementReply[]>();

  const plumbline = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(server.url, ...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}${stdout}${server.log.slice(-2000)}`);
    return stdout;
  };
  const get = async <T>(path: string): Promise<T> => (await (await fetch(server.url + path)).json()) as T;
  const send = async (model: string, rows: readonly Features[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += EVENTS_PER_REQUEST) {
      const events = rows.slice(from, from + EVENTS_PER_REQUEST).map((features, i) => ({
        model,
        prediction_id: `id-${from + i}`,
        timestamp: DAY_0_MS + Math.floor(((from + i) * DAY_MS) / rows.length),
        features,
        prediction: { label: i % 2, score: (i % 100) / 100 },
      }));
      const response = await server.post('/v1/predictions', JSON.stringify(events));
      expect(await response.json()).toEqual({
        accepted: events.length,
        rejected_count: 0,
        rejected: [],
      } satisfies IntakeReply);
    }
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-isolation-'));
    server = await StandaloneServer.start({ dataDir });
    const reference = join(dataDir, 'reference.ndjson');
    await writeFile(
      reference,
      cleanRows(7)
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    const current = cleanRows(11);
    for (const model of ['poisoned', 'twin']) {
      await plumbline('reference', 'upload', reference, '--model', model);
      await send(model, model === 'twin' ? current : current.map(poisoned));
      const range = ['--from', new Date(DAY_0_MS).toISOString(), '--to', new Date(DAY_0_MS + DAY_MS).toISOString()];
      await plumbline('evaluate', '--model', model, ...range);
      const { items } = await get<{ items: MeasurementReply[] }>(`/v1/models/${model}/measurements?limit=1000`);
      found.set(model, items);
    }
  }, 400_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  const of = (feature: string, method: string): MeasurementReply => {
    const one = found.get('poisoned')!.find((each) => each.feature === feature && each.method === method);
    if (one === undefined) throw new Error(`${method} of ${feature} was not measured`);
    return one;
  };

  it('changes nothing of what is measured of the others', () => {
    const clean = (model: string) =>
      found
        .get(model)!
        .filter(({ feature }) => CLEAN.includes(feature) || feature.startsWith('$') || feature === '')
        // The family of a window is one, so the p-value that is adjusted for it may differ, and the time of evaluation does.
        .map(({ adjusted_p_value: _, evaluated_at: __, model: ___, reason, ...rest }) => ({
          ...rest,
          reason: reason.replace(/, adjusted p [^;.]+/, ''),
        }))
        .sort((a, b) =>
          JSON.stringify([a.monitor, a.feature, a.method]).localeCompare(
            JSON.stringify([b.monitor, b.feature, b.method]),
          ),
        );
    expect(clean('twin').length).toBeGreaterThan(20);
    expect(clean('poisoned')).toEqual(clean('twin'));
    expect(found.get('twin')!.filter(({ severity }) => severity === 'critical')).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ['all_missing', 'missing_rate', 'critical', /100 % of 2000 values of all_missing are missing/],
    ['gone', 'missing_rate', 'critical', /100 % of 2000 values of gone are missing/],
    ['flipped_to_text', 'invalid_rate', 'critical', /100 % of 2000 values of flipped_to_text are of the wrong type/],
    ['number_as_text', 'invalid_rate', 'critical', /wrong type/],
    ['nan_as_text', 'invalid_rate', 'critical', /wrong type/],
    ['half_flipped', 'invalid_rate', 'critical', /60 % of 2000 values of half_flipped are of the wrong type/],
    ['flag_as_text', 'invalid_rate', 'critical', /wrong type/],
    ['flipped_to_number', 'unseen_rate', 'critical', /of a category the reference does not know/],
    ['exploded', 'unseen_rate', 'critical', /100 % of 2000 values/],
    ['long', 'unseen_rate', 'critical', /100 % of 2000 values/],
    ['unicode', 'unseen_rate', 'critical', /100 % of 2000 values/],
    ['huge', 'out_of_range_rate', 'critical', /outside the range/],
    ['beyond_exact', 'out_of_range_rate', 'critical', /outside the range/],
  ])('is told of where it is %s: %s', (feature, method, severity, reason) => {
    expect(of(feature, method)).toMatchObject({ severity, decides: true });
    expect(of(feature, method).reason).toMatch(reason);
  });

  it('has a drift that is an error where its values are of the wrong type, with what to do', () => {
    for (const feature of ['flipped_to_text', 'number_as_text', 'nan_as_text', 'half_flipped', 'flag_as_text']) {
      const drift = of(feature, 'psi.decile');
      expect(drift.severity).toBe('error');
      expect(drift.reason).toMatch(new RegExp(`${feature}.*wrong type`));
    }
    for (const feature of ['all_missing', 'gone']) expect(of(feature, 'psi.decile').severity).toBe('insufficient_data');
    for (const feature of ['huge', 'tiny', 'beyond_exact', 'exploded', 'long', 'unicode', 'flipped_to_number'])
      expect(of(feature, 'psi.decile')).toMatchObject({ severity: 'critical' });
  });

  it('alerts for itself, and for no other', async () => {
    const { items } = await get<{ items: AlertReply[] }>('/v1/alerts?model=poisoned&limit=500');
    expect([...new Set(items.map(({ feature }) => feature))].sort()).toEqual(Object.keys(POISONS).sort());
    expect((await get<{ items: AlertReply[] }>('/v1/alerts?model=twin')).items).toEqual([]);
  });

  it('leaves cells that equal what is counted from the raw rows', async () => {
    const response = await server.post('/v1/models/poisoned/cells/verify', '{}');
    expect((await response.json()) as CellVerificationReply).toMatchObject({ mismatches: 0, predictions: ROWS });
  }, 240_000);
});
