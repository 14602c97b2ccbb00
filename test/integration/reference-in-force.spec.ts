import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasurementReply, ReferenceSummary } from '@plumbline/contracts';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;
const START_MS = Math.floor(Date.now() / DAY_MS - 4) * DAY_MS;
const WAIT_MS = 120_000;

/** A window that late data opens again after another reference was uploaded. @embedded-only */
describe('the reference in force', () => {
  let dataDir: string;
  let server: StandaloneServer;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-in-force-'));
    server = await StandaloneServer.start({
      dataDir,
      env: { PLUMBLINE_EVALUATION_ENABLED: 'true', PLUMBLINE_EVALUATION_TICK: '1s' },
    });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Of 400 rows so many are red, the others of another colour, and so many predictions are right. */
  const upload = async (red: number, other: string, right: number): Promise<ReferenceSummary> => {
    const rows = Array.from(
      { length: 400 },
      (_, i) => `${i < red ? 'red' : other},${i % 2},${i < right ? i % 2 : 1 - (i % 2)}`,
    );
    const mapping = encodeURIComponent(JSON.stringify({ prediction: 'answer', label: 'truth' }));
    const response = await server.post(
      `/v1/models/shop/versions/1/reference?mapping=${mapping}`,
      ['colour,answer,truth', ...rows].join('\n'),
      { 'content-type': 'text/csv' },
    );
    if (response.status !== 201) throw new Error((await response.text()) + server.log.slice(-3000));
    return (await response.json()) as ReferenceSummary;
  };
  const predict = async (name: string, day: number, colours: readonly string[]): Promise<void> => {
    const events = colours.map((colour, i) => ({
      ...{ model: 'shop', version: '1', prediction_id: `${name}-${i}`, features: { colour } },
      timestamp: new Date(START_MS + day * DAY_MS + i * 60_000).toISOString(),
      prediction: { label: i % 2 },
    }));
    expect((await server.post('/v1/predictions', events)).status).toBe(200);
  };
  const measured = (day: number, monitor: string, method: string, is: (found: MeasurementReply) => boolean) =>
    until(
      `${method} of day ${day}`,
      async () => {
        const [from, to] = [day, day + 1].map((index) => new Date(START_MS + index * DAY_MS).toISOString());
        const query = `monitor=${monitor}&method=${method}&from=${from}&to=${to}`;
        const { items } = await server.get<{ items: MeasurementReply[] }>(`/v1/models/shop/measurements?${query}`);
        return items.find(is);
      },
      WAIT_MS,
    );
  const colours = (red: number, rows: number): string[] =>
    Array.from({ length: rows }, (_, i) => (i < red ? 'red' : 'blue'));

  it('stays the one that the window was first compared with', async () => {
    const response = await server.put('/v1/models/shop', { task: 'binary', windows: { every: '1d', settle: '1s' } });
    expect(response.status).toBe(200);
    const first = await upload(200, 'blue', 320);
    await predict('early', 0, colours(200, 400));
    const ofColour = ({ feature }: MeasurementReply) => feature === 'colour';
    const before = await measured(0, 'feature-drift', 'psi.decile', ofColour);
    expect(before).toMatchObject({ reference_id: first.reference_id, value: 0, n_current: 400 });

    const second = await upload(100, 'green', 200);
    expect(second.reference_id).not.toBe(first.reference_id);
    await predict('next', 1, colours(200, 400));
    const next = await measured(
      1,
      'feature-drift',
      'psi.decile',
      (found) => ofColour(found) && found.n_current === 400,
    );
    // It was evaluated without data before the upload: nothing had been said of it.
    expect(next.reference_id).toBe(second.reference_id);

    // Labels of the first day: 60 % of the answers were right, against 80 % in its reference and 50 % in the newer one.
    const labels = Array.from({ length: 400 }, (_, i) => ({
      ...{ model: 'shop', prediction_id: `early-${i}`, label: i < 240 ? i % 2 : 1 - (i % 2) },
    }));
    expect((await server.post('/v1/labels', labels)).status).toBe(200);
    const accuracy = await measured(0, 'performance', 'accuracy', ({ value }) => value !== null);
    expect(accuracy).toMatchObject({ value: 0.6, reference_id: first.reference_id, severity: 'critical' });
    expect(accuracy.effect).toBeCloseTo(0.25, 12);

    // Late predictions of the first day: its cells are counted in the bins of the newer reference by now, and green was not known then.
    await predict('late', 0, [...colours(50, 50), ...new Array<string>(50).fill('green')]);
    const after = await measured(
      0,
      'feature-drift',
      'psi.decile',
      (found) => ofColour(found) && found.n_current === 500,
    );
    expect(after).toMatchObject({ reference_id: first.reference_id, n_reference: 400 });
    // Blue, red and unseen, with a half added to each count.
    const reference = [200.5, 200.5, 0.5].map((count) => count / 401.5);
    const current = [200.5, 250.5, 50.5].map((count) => count / 501.5);
    const psi = reference.reduce((sum, p, bin) => sum + (p - current[bin]!) * Math.log(p / current[bin]!), 0);
    expect(after.value).toBeCloseTo(psi, 12);
  }, 400_000);
});
