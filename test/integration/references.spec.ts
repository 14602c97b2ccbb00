import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  DistributionPair,
  MeasurementReply,
  ModelHealthReply,
  ReferenceHeadReply,
  ReferenceSummary,
} from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const DAY_MS = 86_400_000;
const START_MS = Math.floor(Date.now() / DAY_MS - 20) * DAY_MS;
const day = (index: number): string => new Date(START_MS + index * DAY_MS).toISOString();
const ROWS = 400;
/** Red ones of 400 on each day; -1: a holiday without any prediction. Days 5, 6, 12 and 13 are a weekend. */
const RED = [200, 200, 200, 200, 200, 300, 300, 200, 100, -1, 200, 200, 300, 310];

/** PSI by its definition, over the categories that occur. */
function psi(reference: readonly number[], current: readonly number[]): number {
  const share = (counts: readonly number[], bin: number): number =>
    (counts[bin]! + 0.5) / (counts.reduce((sum, count) => sum + count, 0) + 0.5 * counts.length);
  return reference.reduce((sum, _, bin) => {
    const [p, q] = [share(reference, bin), share(current, bin)];
    return sum + (p - q) * Math.log(p / q);
  }, 0);
}
const redAndBlue = (...days: number[]): number[] => {
  const red = days.reduce((sum, index) => sum + Math.max(0, RED[index]!), 0);
  const rows = days.filter((index) => RED[index]! >= 0).length * ROWS;
  return [red, rows - red];
};

/** Every kind of reference through the real service, on a model that nobody posted one for. @embedded-only */
describe('references', () => {
  let dataDir: string;
  let server: StandaloneServer;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-references-'));
    receiver = await WebhookReceiver.start();
    server = await StandaloneServer.start({
      dataDir,
      env: { PLUMBLINE_ALERTING_ALLOW_HTTP: 'true', PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8' },
    });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await receiver?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const put = async (path: string, body: object): Promise<void> => {
    const response = await server.put(path, body);
    if (!response.ok) throw new Error(await response.text());
  };
  const send = async (model: string, version: string, index: number, red: number, rows = ROWS): Promise<void> => {
    const events = Array.from({ length: rows }, (_, i) => ({
      model,
      version,
      prediction_id: `${version}-${index}-${i}`,
      timestamp: new Date(START_MS + index * DAY_MS + (i * DAY_MS) / rows).toISOString(),
      features: { colour: i < red ? 'red' : 'blue', x: i % 10 },
      prediction: { label: i % 2 },
    }));
    const { status } = await server.post('/v1/predictions', JSON.stringify(events));
    expect(status).toBe(200);
  };
  const label = async (model: string, version: string, index: number, right: number, rows = ROWS): Promise<void> => {
    const events = Array.from({ length: rows }, (_, i) => ({
      model,
      prediction_id: `${version}-${index}-${i}`,
      label: i < right ? i % 2 : 1 - (i % 2),
    }));
    const { status } = await server.post('/v1/labels', JSON.stringify(events));
    expect(status).toBe(200);
  };
  const plumbline = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(server.url, ...args);
    if (code !== 0) throw new Error(`plumbline ${args.join(' ')}: ${stdout} ${stderr}`);
    return stdout;
  };
  const evaluate = (model: string, from: number, to: number) =>
    plumbline('evaluate', '--model', model, '--from', day(from), '--to', day(to));
  const found = async (
    model: string,
    monitor: string,
    index: number,
    filter: Partial<MeasurementReply>,
  ): Promise<MeasurementReply[]> => {
    const query = `monitor=${monitor}&from=${day(index)}&to=${day(index + 1)}&limit=500`;
    const { items } = await server.get<{ items: MeasurementReply[] }>(`/v1/models/${model}/measurements?${query}`);
    return items.filter((item) =>
      Object.entries(filter).every(([key, value]) => item[key as keyof MeasurementReply] === value),
    );
  };

  it('compares each window with what its monitor declares, in bins that nobody had to upload', async () => {
    await put('/v1/models/shop', { default_monitors: false, reference: { kind: 'rolling', length: '3d', gap: '1d' } });
    const drift = { detector: 'feature_drift', widen: [], features: ['colour'] };
    await put('/v1/models/shop/monitors/rolling', drift);
    for (const [name, reference] of Object.entries({
      previous: { kind: 'previous' },
      seasonal: { kind: 'seasonal', period: '7d' },
      fixed: { kind: 'fixed', from: day(0), to: day(2) },
      canary: { kind: 'version', version: '1' },
      uploaded: { kind: 'uploaded' },
    })) {
      await put(`/v1/models/shop/monitors/${name}`, { ...drift, reference });
    }
    for (const [index, red] of RED.entries()) if (red >= 0) await send('shop', '1', index, red);
    // The new version runs beside the old one for two days, and then alone.
    for (const [index, red] of [
      [10, 150],
      [11, 100],
    ] as const)
      await send('shop', '2', index, red);
    for (const [from, to] of [
      [5, 6],
      [8, 9],
      [10, 13],
    ] as const)
      await evaluate('shop', from, to);

    const value = async (monitor: string, index: number, version = '1') =>
      (await found('shop', monitor, index, { feature: 'colour', method: 'psi.decile', version }))[0]!;
    const expected: [string, number, number[], string?][] = [
      ['rolling', 8, redAndBlue(4, 5, 6)],
      // The holiday lies in the period: it has two days.
      ['rolling', 12, redAndBlue(8, 10)],
      ['previous', 5, redAndBlue(4)],
      ['previous', 8, redAndBlue(7)],
      ['seasonal', 8, redAndBlue(1)],
      ['seasonal', 12, redAndBlue(5)],
      ['fixed', 8, redAndBlue(0, 1)],
      ['canary', 10, redAndBlue(10), '2'],
      ['canary', 11, redAndBlue(11), '2'],
    ];
    for (const [monitor, index, reference, version = '1'] of expected) {
      const measured = await value(monitor, index, version);
      const current = version === '1' ? redAndBlue(index) : index === 10 ? [150, 250] : [100, 300];
      expect([monitor, index, measured.n_reference]).toEqual([monitor, index, reference[0]! + reference[1]!]);
      expect(measured.value).toBeCloseTo(psi(reference, current), 12);
      expect(measured.reference_id).toMatch(new RegExp(`^${monitor === 'canary' ? 'version' : monitor}:1:`));
    }
    // The same time last week was a weekend too: no drift, where the day before says there is.
    expect((await value('seasonal', 12)).value).toBe(0);
    expect(await value('previous', 12)).toMatchObject({ severity: 'critical' });
  }, 240_000);

  it('says what is missing, and what to do about it', async () => {
    const [afterHoliday] = await found('shop', 'previous', 10, { method: 'psi.decile', version: '1' });
    expect(afterHoliday).toMatchObject({ severity: 'insufficient_data', n_reference: 0 });
    expect(afterHoliday!.reason).toMatch(/The window before \(.*\) holds no value of colour/);
    const [itself] = await found('shop', 'canary', 10, { version: '1' });
    expect(itself).toMatchObject({ severity: 'no_reference', decides: false });
    const [nothing] = await found('shop', 'uploaded', 10, { version: '1' });
    expect(nothing).toMatchObject({ severity: 'no_reference', method: 'reference', reference_id: '' });
    expect(nothing!.reason).toMatch(/upload one.*or declare reference\.kind/);
    const health = await server.get<ModelHealthReply>('/v1/models/shop/health');
    expect(health.no_reference).toContainEqual(
      expect.objectContaining({ monitor: 'uploaded', version: '1', reason: nothing!.reason }),
    );
    expect(health.no_reference.map(({ monitor }) => monitor)).not.toContain('rolling');
  });

  it('shows the reference that a measurement names, with its counts', async () => {
    const [measured] = await found('shop', 'seasonal', 8, { method: 'psi.decile', version: '1' });
    const path = `/v1/models/shop/references/${measured!.reference_id}`;
    const reference = await server.get<ReferenceSummary>(path);
    expect(reference).toMatchObject({
      kind: 'seasonal',
      version: '1',
      rows: ROWS,
      reference_id: measured!.reference_id,
    });
    expect(reference.series.find(({ name }) => name === 'colour')).toMatchObject({ rows: ROWS, missing: 0, bins: 4 });
    const shown = await plumbline('reference', 'show', measured!.reference_id, '--model', 'shop');
    expect(shown).toContain('seasonal: the same time earlier');
    expect(await plumbline('reference', 'list', '--model', 'shop')).toMatch(/bins .* 1 .* 400 .*predictions from/);
    for (const id of ['unknown', 'rolling:1:20260101T0000Z-20260102T0000Z:unknown']) {
      await expect(server.get(`/v1/models/shop/references/${id}`)).rejects.toThrow(/404.*lists the stored ones/);
    }
  });

  it('tells people how the window differs from the period', async () => {
    await put('/v1/models/told', { default_monitors: false, reference: { kind: 'previous' } });
    await put('/v1/models/told/monitors/drift', { detector: 'feature_drift', features: ['colour'] });
    await put('/v1/receivers/hook', { channel: 'webhook', url: receiver.url });
    await put('/v1/routes/all', { receivers: ['hook'], matchers: ['model=told'], group_wait: '0s' });
    await send('told', '1', 0, 200);
    await send('told', '1', 1, 300);
    await evaluate('told', 0, 2);
    const call = await until('a message', () => receiver.calls[0], 60_000);
    interface Body {
      readonly report: { readonly findings: readonly { readonly distribution: DistributionPair | null }[] };
    }
    const { distribution } = (JSON.parse(call.body) as Body).report.findings[0]!;
    const red = distribution!.labels.indexOf('red');
    expect([distribution!.reference[red], distribution!.current[red]]).toEqual([0.5, 0.75]);
  }, 120_000);

  it('takes the performance of the period for the baseline', async () => {
    const monitor = { detector: 'performance', widen: [], reference: { kind: 'previous' } };
    await put('/v1/models/judge', { default_monitors: false, task: 'binary' });
    await put('/v1/models/judge/monitors/quality', monitor);
    for (const [index, right] of [320, 240].entries()) {
      await send('judge', '1', index, 200);
      await label('judge', '1', index, right);
    }
    await evaluate('judge', 0, 2);
    const [accuracy] = await found('judge', 'quality', 1, { method: 'accuracy' });
    // 80 % of the day before were right, and 60 % now.
    expect(accuracy).toMatchObject({ value: 0.6, severity: 'critical' });
    expect(accuracy!.effect).toBeCloseTo(0.25, 12);
    const reference = await server.get<ReferenceSummary>(`/v1/models/judge/references/${accuracy!.reference_id}`);
    expect(reference.performance['accuracy']).toBeCloseTo(0.8, 12);
  });

  it('judges earlier windows on request once there is a reference, and leaves them alone when another comes', async () => {
    for (const index of [0, 1, 2]) await send('late', '1', index, 200);
    const evaluation = await runCli(server.url, ...['evaluate', '--model', 'late', '--from', day(0), '--to', day(3)]);
    expect(evaluation.code).toBe(0);
    expect(evaluation.stderr).toMatch(
      /feature-drift \(version 1\) was not judged in some windows: There is no reference/,
    );
    const before = await found('late', 'feature-drift', 1, {});
    expect(before).toMatchObject([{ severity: 'no_reference', method: 'reference' }]);
    expect(await server.get<ModelHealthReply>('/v1/models/late/health')).toMatchObject({ severity: 'no_reference' });

    const post = async (from: number, to: number): Promise<ReferenceSummary> => {
      const response = await server.post('/v1/models/late/versions/1/reference', { from: day(from), to: day(to) });
      expect(response.status).toBe(201);
      return (await response.json()) as ReferenceSummary;
    };
    const first = await post(0, 1);
    expect(first.kind).toBe('fixed');
    await evaluate('late', 1, 3);
    const judged = await found('late', 'feature-drift', 1, { method: 'psi.decile' });
    expect(judged.map(({ feature, severity }) => [feature, severity]).sort()).toEqual([
      ['colour', 'ok'],
      ['x', 'ok'],
    ]);
    expect(judged.map(({ reference_id }) => reference_id)).toEqual([first.reference_id, first.reference_id]);
    expect(await server.get<ModelHealthReply>('/v1/models/late/health')).toMatchObject({ severity: 'ok' });

    await send('late', '1', 3, 100);
    const second = await post(0, 4);
    expect(second.reference_id).not.toBe(first.reference_id);
    expect(await found('late', 'feature-drift', 1, { method: 'psi.decile' })).toEqual(judged);
    const { items } = await server.get<{ items: ReferenceHeadReply[] }>('/v1/models/late/references');
    expect(items.map(({ reference_id }) => reference_id)).toEqual([second.reference_id, first.reference_id]);
    const old = await server.get<ReferenceSummary>(`/v1/models/late/references/${first.reference_id}`);
    expect(old.rows).toBe(ROWS);
  });
});
