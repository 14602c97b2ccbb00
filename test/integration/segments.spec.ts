import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AlertReply,
  CellVerificationReply,
  FeatureImportanceReply,
  MeasurementReply,
  ProblemReply,
} from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';

const DAY_MS = 86_400_000;
const DAY_0_MS = Math.floor(Date.now() / DAY_MS - 20) * DAY_MS;
const ROWS = 2000;
const COUNTRIES = ['DE', 'FR', '日本', 'CH'];

interface Row {
  readonly country: string | null;
  readonly age: number;
  readonly income: number;
  readonly debt: number;
}

/** Numbers from 0 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** Incomes differ from country to country, and double in the countries named. */
function rowsOf(seed: number, doubled: readonly string[] = []): Row[] {
  const random = seeded(seed);
  return Array.from({ length: ROWS }, (_, i) => {
    const country = i % 50 === 0 ? null : COUNTRIES[Math.min(3, Math.floor(random() * 3.2))]!;
    const scale = country === 'FR' ? 3 : 1;
    const income = (1000 + 1000 * random()) * scale * (country !== null && doubled.includes(country) ? 2 : 1);
    return { country, age: 18 + Math.floor(60 * random()), income, debt: random() };
  });
}

/** Segments of a model, from their declaration to their alerts, and the importance of features. @embedded-only */
describe('segments', () => {
  let dataDir: string;
  let server: StandaloneServer;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-segments-'));
    server = await StandaloneServer.start({ dataDir });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  const request = async <T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> => {
    const response = await fetch(server.url + path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  };
  const get = async <T>(path: string): Promise<T> => (await request<T>('GET', path)).body;
  const declare = async (path: string, body: object): Promise<void> =>
    expect(await request('PUT', `/v1/models/${path}`, body)).toMatchObject({ status: 200 });
  const plumbline = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(server.url, ...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}${stdout}${server.log.slice(-2000)}`);
    return stdout;
  };
  const uploadReference = async (model: string): Promise<void> => {
    const file = join(dataDir, `${model}.csv`);
    const lines = rowsOf(7).map(({ country, age, income, debt }) => [country ?? '', age, income, debt].join());
    await writeFile(file, ['country,age,income,debt', ...lines].join('\n'));
    await plumbline('reference', 'upload', file, '--model', model);
  };
  const send = async (model: string, day: number, rows: readonly Row[]): Promise<void> => {
    const events = rows.map((features, i) => ({
      model,
      prediction_id: `${day}-${i}`,
      timestamp: DAY_0_MS + day * DAY_MS + Math.floor((i * DAY_MS) / rows.length),
      features,
      tags: { tier: i % 3 === 0 ? 'gold' : 'silver' },
    }));
    const { status } = await server.post('/v1/predictions', JSON.stringify(events));
    expect(status).toBe(200);
  };
  const evaluate = (model: string, day: number): Promise<string> => {
    const at = (index: number): string => new Date(DAY_0_MS + index * DAY_MS).toISOString();
    return plumbline('evaluate', '--model', model, '--from', at(day), '--to', at(day + 1));
  };
  const measurements = async (model: string, query: Readonly<Record<string, string>>): Promise<MeasurementReply[]> => {
    const text = new URLSearchParams({ limit: '1000', ...query }).toString();
    return (await get<{ items: MeasurementReply[] }>(`/v1/models/${model}/measurements?${text}`)).items;
  };

  it('are measured each against its own past, and alert each by itself', async () => {
    await declare('loans', {
      features: [{ name: 'country', kind: 'categorical' }],
      segments: [
        { name: 'country', by: 'country', limit: 3 },
        { name: 'young', where: { age: { to: 30 } } },
        { name: 'middle-de', where: { age: { from: 30, to: 60 }, country: 'DE' } },
        { name: 'tier', by: 'tier', values: ['gold', 'platinum'] },
      ],
    });
    await declare('loans/monitors/by-country', { detector: 'feature_drift', segment: 'country' });
    await declare('loans/monitors/everywhere', { detector: 'data_quality', segment: '*' });
    await declare('loans/monitors/young', { detector: 'feature_drift', segment: 'young', features: ['income'] });
    await uploadReference('loans');
    await send('loans', 0, rowsOf(11));
    await send('loans', 1, rowsOf(13, ['FR']));
    await evaluate('loans', 0);
    await evaluate('loans', 1);

    const segmentsOf = async (monitor: string): Promise<string[]> =>
      [...new Set((await measurements('loans', { monitor })).map(({ segment }) => segment))].sort();
    expect(await segmentsOf('by-country')).toEqual(['country:other', 'country=DE', 'country=FR', 'country=日本']);
    expect(await segmentsOf('young')).toEqual(['young']);
    expect(await segmentsOf('everywhere')).toEqual([
      ...['country:other', 'country=DE', 'country=FR', 'country=日本', 'middle-de'],
      ...['tier:other', 'tier=gold', 'young'],
    ]);

    // Incomes in France are thrice the others': its own past is what they are compared with.
    const drifting = (await measurements('loans', { monitor: 'by-country', method: 'psi.decile' })).filter(
      ({ severity }) => severity === 'warning' || severity === 'critical',
    );
    expect(drifting).toMatchObject([
      { segment: 'country=FR', feature: 'income', window_start: new Date(DAY_0_MS + DAY_MS).toISOString() },
    ]);
    const asked = await measurements('loans', { segment: 'country=日本', monitor: 'by-country', feature: 'income' });
    const wanted = rowsOf(13).filter(({ country }) => country === '日本').length;
    const wantedReference = rowsOf(7).filter(({ country }) => country === '日本').length;
    expect(asked.find(({ window_end }) => window_end === new Date(DAY_0_MS + 2 * DAY_MS).toISOString())).toMatchObject({
      n_current: wanted,
      n_reference: wantedReference,
      severity: 'ok',
    });
    const alerts = (await get<{ items: AlertReply[] }>('/v1/alerts?model=loans')).items;
    expect(alerts.filter(({ monitor }) => monitor === 'by-country')).toMatchObject([
      { segment: 'country=FR', feature: 'income', status: 'firing' },
    ]);
  }, 300_000);

  it('are cells that equal what is counted from the raw rows, also after a restart', async () => {
    await server.stop();
    server = await StandaloneServer.start({ dataDir });
    await send(
      'loans',
      2,
      rowsOf(17).map((row) => ({ ...row, country: row.country === 'CH' ? 'AT' : row.country })),
    );
    const { body } = await request<CellVerificationReply>('POST', '/v1/models/loans/cells/verify', {});
    expect(body).toMatchObject({ mismatches: 0, predictions: 3 * ROWS });
    expect(body.cells).toBeGreaterThan(1000);
    await evaluate('loans', 2);
    const found = await measurements('loans', {
      monitor: 'by-country',
      from: new Date(DAY_0_MS + 2 * DAY_MS).toISOString(),
    });
    expect([...new Set(found.map(({ segment }) => segment))].sort()).toEqual([
      ...['country:other', 'country=DE', 'country=FR', 'country=日本'],
    ]);
  }, 300_000);

  it('are refused where they make too many cells, or a monitor names none that there is', async () => {
    const many = [1, 2].map((n) => ({ name: `s${n}`, by: `f${n}`, limit: 60 }));
    const refused = await request<ProblemReply>('PUT', '/v1/models/loans', { segments: many });
    expect(refused.status).toBe(400);
    expect(refused.body.detail).toMatch(/may be 122 segments, more than 100/);
    for (const segment of ['old', 'tier=silver', 'countr']) {
      const monitor = { detector: 'traffic', segment };
      const { status, body } = await request<ProblemReply>('PUT', '/v1/models/loans/monitors/x', monitor);
      expect(status).toBe(422);
      expect(body.errors).toMatchObject([{ field: 'segment' }]);
    }
  });

  it('weigh by importance: what matters little is recorded and alerts nobody, and the whole is summed up', async () => {
    await declare('scores', { features: [{ name: 'income', kind: 'numeric' }] });
    await uploadReference('scores');
    const file = join(dataDir, 'importance.csv');
    await writeFile(file, 'feature,importance\nage,90\ndebt,9\nincome,1\n');
    expect(await plumbline('importance', 'upload', file, '--model', 'scores')).toContain('0.900');
    const { features } = await get<FeatureImportanceReply>('/v1/models/scores/feature-importance');
    expect(features.map(({ name, origin }) => [name, origin])).toEqual([
      ['age', 'uploaded'],
      ['debt', 'uploaded'],
      ['income', 'uploaded'],
    ]);
    expect(features[2]!.importance).toBeCloseTo(0.01, 12);
    expect(features[1]!.share_of_largest).toBeCloseTo(0.1, 12);
    const drifted = rowsOf(19, COUNTRIES);
    await send('scores', 0, drifted);
    await evaluate('scores', 0);
    const income = await measurements('scores', { monitor: 'feature-drift', feature: 'income', method: 'psi.decile' });
    expect(income).toMatchObject([{ severity: 'warning', decides: false }]);
    expect(income[0]!.reason).toMatch(/recorded only, for its importance is 1.111 % of the largest\.$/);
    const [summary] = await measurements('scores', { method: 'drift_share' });
    expect(summary).toMatchObject({ feature: '', severity: 'ok', decides: true });
    expect(summary!.reason).toMatch(/\(income /);
    expect((await get<{ items: AlertReply[] }>('/v1/alerts?model=scores')).items).toEqual([]);

    await plumbline('importance', 'delete', '--model', 'scores');
    await send('scores', 1, drifted);
    await evaluate('scores', 1);
    const alerts = (await get<{ items: AlertReply[] }>('/v1/alerts?model=scores')).items;
    expect(alerts.map(({ monitor, feature, severity }) => [monitor, feature, severity]).sort()).toEqual([
      ['data-quality', 'income', 'critical'],
      ['feature-drift', 'income', 'critical'],
    ]);
  }, 300_000);

  it('are refused an importance that is none', async () => {
    const path = '/v1/models/scores/feature-importance';
    for (const [type, body, wanted] of [
      ['application/json', '{"a": -1}', /a: /],
      ['application/json', '{"a": 0}', /must have one value above 0/],
      ['application/json', '{"a": "x"}', /a: /],
      ['text/csv', 'a,b', /line 1 is not a feature and a number/],
    ] as const) {
      const response = await fetch(server.url + path, { method: 'PUT', headers: { 'content-type': type }, body });
      expect(response.status).toBe(422);
      expect(((await response.json()) as ProblemReply).detail).toMatch(wanted);
    }
    expect((await request('PUT', '/v1/models/nobody/feature-importance', { a: 1 })).status).toBe(404);
  });
});
