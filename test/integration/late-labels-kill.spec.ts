import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AlertReply, LabelEvent, MeasurementReply } from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { labelTraffic, seededRandom } from '../support/label-traffic.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;
const DAYS = 4;
/** So long ago that every label is of the past by now. */
const START_MS = Math.floor(Date.now() / DAY_MS - 12) * DAY_MS;
const END_MS = START_MS + DAYS * DAY_MS;
const KILLS = 4;
const MODEL = 'late';
const SEED = 11;

/** invariants 1, 5 and 13, with kills of the whole process between a label and the alert that it decides @embedded-only */
describe('kill -9 while late labels open windows again', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-late-'));
  });
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  });

  it(`leaves what the labels say in the end, over ${KILLS} kills, seed ${SEED}`, async () => {
    const random = seededRandom(SEED);
    const { predictions, labels } = labelTraffic(
      {
        ...{ model: MODEL, startMs: START_MS, endMs: END_MS, perHour: 10, latestLabelMs: 5 * DAY_MS },
        accuracyAt: (atMs) => (atMs >= END_MS - DAY_MS ? 0.5 : 0.9),
      },
      random,
    );
    const env = { PLUMBLINE_EVALUATION_ENABLED: 'true', PLUMBLINE_EVALUATION_TICK: '1s' };
    let server = await StandaloneServer.start({ dataDir, env });
    const { port } = server;
    const declare = async (path: string, body: object): Promise<void> => {
      const response = await server.put(`/v1/models/${path}`, body);
      if (!response.ok) throw new Error(await response.text());
    };
    await declare(MODEL, {
      ...{ task: 'binary', positive_class: '1', default_monitors: false },
      windows: { every: '1d', settle: '1s' },
    });
    const thresholds = { accuracy: { warning: 0.2, critical: 0.3 } };
    await declare(`${MODEL}/monitors/performance`, { detector: 'performance', min_labels: 20, widen: [], thresholds });
    const file = join(dataDir, 'reference.csv');
    const rows = Array.from({ length: 2000 }, (_, i) => (i % 10 === 0 ? '1,0' : `${i % 2},${i % 2}`));
    await writeFile(file, ['answer,truth', ...rows].join('\n'));
    const upload = [
      'reference',
      'upload',
      file,
      '--model',
      MODEL,
      '--map',
      'prediction=answer',
      '--map',
      'label=truth',
    ];
    expect(await runCli(server.url, ...upload)).toMatchObject({ code: 0 });
    const sent = await server.post(
      '/v1/predictions',
      predictions.map(({ event: { predictionId, timestampMs, version, features, label, score } }) => ({
        ...{ model: MODEL, version, prediction_id: predictionId, timestamp: timestampMs, features },
        prediction: { label, score },
      })),
    );
    expect(sent.ok).toBe(true);

    // However slow the machine is: otherwise labels could be there before the first evaluation, and no window would be opened again.
    await until(
      'the windows are measured without labels',
      async () => {
        const { items } = await server.get<{ items: MeasurementReply[] }>(
          `/v1/models/${MODEL}/measurements?method=accuracy&to=${new Date(END_MS).toISOString()}&limit=1000`,
        );
        return items.length === DAYS || undefined;
      },
      120_000,
    );

    // In no order at all; what was in flight at a kill is sent again.
    const waiting = labels
      .map(({ event }) => ({ event, order: random() }))
      .sort((left, right) => left.order - right.order)
      .map(({ event }) => event);
    const send = async (): Promise<void> => {
      const batch = waiting.slice(0, 40);
      const response = await server.post('/v1/labels', batch.map(toWire));
      if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
      waiting.splice(0, batch.length);
    };
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = waiting.length - Math.floor(labels.length / (KILLS + 1));
      while (waiting.length > enough) await send();
      const last = send().catch(() => undefined);
      // Anywhere in a tick: a different, but seeded, moment each time.
      await delay(random() * 2500);
      await server.kill('SIGKILL');
      await last;
      server = await StandaloneServer.start({ dataDir, env, port });
    }
    while (waiting.length > 0) await send();

    const wanted = accuracies(
      predictions.map(({ event }) => event),
      labels.map(({ event }) => event),
    );
    const measured = await until(
      'the windows say what the labels say',
      async () => {
        const query = `method=accuracy&to=${new Date(END_MS).toISOString()}&limit=1000`;
        const { items } = await server.get<{ items: MeasurementReply[] }>(`/v1/models/${MODEL}/measurements?${query}`);
        const found = new Map(items.map((item) => [Date.parse(item.window_start), item]));
        const same = [...wanted].every(([startMs, { n, value }]) => {
          const item = found.get(startMs);
          return item?.n_current === n && Math.abs((item.value ?? NaN) - value) < 1e-12;
        });
        return same ? items : undefined;
      },
      240_000,
    );
    expect(measured.map(({ severity }) => severity)).toEqual(['critical', 'ok', 'ok', 'ok']);
    const open = await until(
      'the alert of the last day is the only one',
      async () => {
        const { items } = await server.get<{ items: AlertReply[] }>(`/v1/alerts?model=${MODEL}&status=firing`);
        return items.length === 1 ? items : undefined;
      },
      60_000,
    );
    expect(open[0]).toMatchObject({
      method: 'accuracy',
      severity: 'critical',
      fired_at: new Date(END_MS).toISOString(),
    });
    const history = await server.get<{ items: MeasurementReply[] }>(
      `/v1/models/${MODEL}/measurements?method=accuracy&to=${new Date(END_MS).toISOString()}&limit=1000&revisions=all`,
    );
    // Without labels there was no value; every later revision rests on more of them.
    expect(history.items.filter((item) => item.superseded_at === null)).toEqual(measured);
    expect(history.items.length).toBeGreaterThan(measured.length);
    for (const item of history.items) expect(item.label_coverage).toBeGreaterThanOrEqual(0);
    const listed = await runCli(
      server.url,
      'measurements',
      '--model',
      MODEL,
      '--method',
      'accuracy',
      '--all-revisions',
    );
    expect(listed.stdout).toMatch(/severity +revision +superseded at/);
    const verified = await server.post(`/v1/models/${MODEL}/cells/verify`, {});
    expect(await verified.json()).toMatchObject({ mismatches: 0 });
    console.log(
      `${KILLS} kills, ${labels.length} labels, revisions ${measured.map(({ revision }) => revision).join()}`,
    );
  }, 900_000);
});

function toWire({ model, predictionId, label, timestampMs }: LabelEvent): object {
  return { model, prediction_id: predictionId, label, timestamp: timestampMs };
}

/** Labelled predictions and accuracy of each day, by its start. */
function accuracies(
  predictions: readonly { readonly predictionId: string; readonly timestampMs: number; readonly label?: string }[],
  labels: readonly LabelEvent[],
): Map<number, { readonly n: number; readonly value: number }> {
  const inForce = new Map<string, LabelEvent>();
  for (const label of labels) {
    const before = inForce.get(label.predictionId);
    if (before === undefined || label.timestampMs > before.timestampMs) inForce.set(label.predictionId, label);
  }
  const days = new Map<number, { readonly n: number; readonly value: number }>();
  for (let startMs = START_MS; startMs < END_MS; startMs += DAY_MS) {
    const labelled = predictions.filter(
      ({ predictionId, timestampMs }) =>
        timestampMs >= startMs && timestampMs < startMs + DAY_MS && inForce.has(predictionId),
    );
    const right = labelled.filter(({ predictionId, label }) => inForce.get(predictionId)!.label === label);
    days.set(startMs, { n: labelled.length, value: right.length / labelled.length });
  }
  return days;
}
