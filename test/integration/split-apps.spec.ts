import type { AlertReply, EvaluationProgress } from '@plumbline/contracts';
import type { AppProcess } from '../support/app-process.js';
import { describeWithKafka } from '../support/kafka-broker.js';
import { SplitDeployment } from '../support/split-deployment.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const HOUR_MS = 3_600_000;
const PER_HOUR = 300;
/** Long: a rebalance, a take-over and everything behind it on two cores that other suites share. */
const PATIENCE_MS = 180_000;
const TEST_MS = 600_000;

/** The last hours that are closed: two as ever, two in which x has moved, then as ever again. */
const SHIFTS = [0, 0, 40, 40, 0, 0, 0];
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - (SHIFTS.length + 1) * HOUR_MS;

const value = (index: number): number => (index * 7_919) % 100;
const text = (ms: number): string => new Date(ms).toISOString();

const describeSplit = describeWithKafka();

describeSplit('the four apps as processes of their own', () => {
  let deployment: SplitDeployment;
  let receiver: WebhookReceiver;
  let api: AppProcess;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    deployment = await SplitDeployment.start();
    await deployment.migrate();
    api = await deployment.launch('api');
    expect((await api.put('/v1/receivers/team', { channel: 'webhook', url: receiver.url })).status).toBe(200);
    const route = { receivers: ['team'], group_wait: '0s', group_interval: '0s' };
    expect((await api.put('/v1/routes/all', route)).status).toBe(200);
  }, TEST_MS);
  afterAll(async () => {
    await deployment?.stop();
    await receiver?.stop();
  }, TEST_MS);

  const declare = async (model: string): Promise<void> => {
    const declaration = { windows: { every: '1h', settle: '1s' }, default_monitors: false };
    expect((await api.put(`/v1/models/${model}`, declaration)).status).toBe(200);
    const monitor = { detector: 'feature_drift', widen: [] };
    expect((await api.put(`/v1/models/${model}/monitors/drift`, monitor)).status).toBe(200);
    const rows = Array.from({ length: 2_000 }, (_, index) => JSON.stringify({ x: value(index) }));
    const type = { 'content-type': 'application/x-ndjson' };
    const reference = await api.post(`/v1/models/${model}/versions/1/reference`, rows.join('\n'), type);
    expect(reference.status).toBe(201);
  };
  const eventsOf = (model: string): object[] =>
    SHIFTS.flatMap((shift, hour) =>
      Array.from({ length: PER_HOUR }, (_, index) => ({
        model,
        prediction_id: `${hour}-${index}`,
        timestamp: text(START_MS + hour * HOUR_MS + index * 10_000),
        features: { x: value(index) + shift },
      })),
    );
  const send = async (model: string): Promise<void> => {
    const taken = await api.post('/v1/predictions', eventsOf(model));
    expect([taken.status, await taken.json()]).toMatchObject([202, { rejected_count: 0 }]);
  };
  const alertsOf = async (model: string): Promise<readonly AlertReply[]> =>
    (await api.get<{ items: AlertReply[] }>(`/v1/alerts?model=${model}`)).items;
  const resolved = async (models: readonly string[]): Promise<void> => {
    for (const model of models) {
      await until(
        `the alert of ${model}`,
        async () => ((await alertsOf(model))[0]?.status === 'resolved' ? true : undefined),
        PATIENCE_MS,
      );
    }
  };
  const toldOf = (model: string): { status: string; key: string; body: string }[] =>
    receiver.calls
      .map(({ body, headers }) => ({ content: JSON.parse(body) as { model: string; status: string }, body, headers }))
      .filter(({ content }) => content.model === model)
      .map(({ content, body, headers }) => ({ status: content.status, key: String(headers['webhook-id']), body }));
  /** That it is over was told, at the latest; and a key, however often it came, stood for one content. */
  const expectTold = async (models: readonly string[]): Promise<void> => {
    for (const model of models) {
      const keys = () => new Map(toldOf(model).map(({ key, status, body }) => [key, { status, body }]));
      const statuses = () => [...keys().values()].map(({ status }) => status);
      await until(`messages about ${model}`, () => (statuses().includes('resolved') ? true : undefined), PATIENCE_MS);
      // What was over before anybody was told is one message.
      expect([['firing', 'resolved'], ['resolved']]).toContainEqual(statuses());
      for (const { key, body } of toldOf(model)) expect(body).toBe(keys().get(key)!.body);
    }
  };
  const metric = async (app: AppProcess, line: RegExp): Promise<number> => {
    const found = line.exec(await (await fetch(`${app.url}/metrics`)).text());
    return found === null ? 0 : Number(found[1]);
  };

  it(
    'take predictions and evaluate them, on request and by themselves, with one message for each change',
    async () => {
      const apps = await Promise.all([
        deployment.launch('ingester'),
        deployment.launch('evaluator', { PLUMBLINE_EVALUATION_ENABLED: 'false' }),
        deployment.launch('alerter'),
      ]);
      await declare('asked');
      await send('asked');
      // At once: what was acknowledged counts, although it may still lie with the broker.
      const range = { model: 'asked', from: text(START_MS), to: text(START_MS + SHIFTS.length * HOUR_MS) };
      const started = await api.post('/v1/evaluations', range);
      expect(started.status).toBe(202);
      const { id } = (await started.json()) as EvaluationProgress;
      const done = await until(
        'the evaluation',
        async () => {
          const progress = await api.get<EvaluationProgress>(`/v1/evaluations/${id}`);
          return progress.status === 'running' ? undefined : progress;
        },
        PATIENCE_MS,
      );
      expect(done).toMatchObject({
        status: 'done',
        windows_total: SHIFTS.length,
        windows_done: SHIFTS.length,
        error: null,
      });
      expect(done.transitions.some(({ to, feature }) => to === 'firing' && feature === 'x')).toBe(true);
      await expectTold(['asked']);
      const verified = await api.post('/v1/models/asked/cells/verify', { repair: true });
      expect(await verified.json()).toMatchObject({ mismatches: 0, predictions: SHIFTS.length * PER_HOUR });
      for (const app of apps) expect(await app.kill('SIGTERM')).toBe(0);
    },
    TEST_MS,
  );

  it(
    'share the work, and hand it over when one dies',
    async () => {
      const ingester = await deployment.launch('ingester');
      const [firstEvaluator, secondEvaluator] = [
        await deployment.launch('evaluator'),
        await deployment.launch('evaluator'),
      ];
      const [firstAlerter] = [await deployment.launch('alerter'), await deployment.launch('alerter')];
      // Of six partitions these are in odd and even ones, before and after, so each of two processes has some.
      const before = ['red', 'green', 'blue', 'white'];
      for (const model of before) await declare(model);
      for (const model of before) await send(model);
      await resolved(before);
      await expectTold(before);
      const windows = /plumbline_evaluated_windows_total\{trigger="tick"\} (\d+)/;
      for (const evaluator of [firstEvaluator, secondEvaluator]) {
        await until('work of both evaluators', async () => ((await metric(evaluator, windows)) > 0 ? true : undefined));
      }

      await Promise.all([firstEvaluator.kill('SIGKILL'), firstAlerter.kill('SIGKILL')]);
      const after = ['red-2', 'green-2', 'blue-2'];
      for (const model of after) await declare(model);
      for (const model of after) await send(model);
      await resolved(after);
      await expectTold(after);
      for (const model of [...before, ...after]) expect(await alertsOf(model)).toHaveLength(1);
      expect(await secondEvaluator.kill('SIGTERM')).toBe(0);
      expect(await ingester.kill('SIGTERM')).toBe(0);
    },
    TEST_MS,
  );

  it(
    'drain on SIGTERM under load: nothing acknowledged is lost, nothing is stored twice',
    async () => {
      const ingester = await deployment.launch('ingester');
      const extra = await deployment.launch('api');
      let acknowledged = 0;
      let next = 0;
      let refused = false;
      const client = async (): Promise<void> => {
        while (!refused) {
          const events = Array.from({ length: 100 }, () => ({
            model: 'drained',
            prediction_id: `id-${next++}`,
            features: { x: next % 10 },
          }));
          try {
            const response = await extra.post('/v1/predictions', events);
            if (!response.ok) throw new Error(`status ${response.status}`);
            acknowledged += ((await response.json()) as { accepted: number }).accepted;
          } catch {
            refused = true;
          }
        }
      };
      const clients = [client(), client(), client()];
      const ingested = /plumbline_events_ingested_total\{kind="prediction"\} (\d+)/;
      await until(
        'some of it stored',
        async () => ((await metric(ingester, ingested)) > 500 ? true : undefined),
        PATIENCE_MS,
      );
      expect(await ingester.kill('SIGTERM')).toBe(0);
      expect(await extra.kill('SIGTERM')).toBe(0);
      await Promise.all(clients);

      const again = await deployment.launch('ingester');
      const stored = await until(
        'the rest of it',
        async () => {
          const { items } = await api.get<{ items: { predictions: number }[] }>('/v1/models/drained/versions');
          return (items[0]?.predictions ?? 0) >= acknowledged ? items[0]!.predictions : undefined;
        },
        PATIENCE_MS,
      );
      expect(stored).toBeLessThanOrEqual(next);
      // The offset of what the first had stored was committed before it ended, so the second did not get it again.
      expect(await metric(again, /plumbline_duplicate_predictions_total (\d+)/)).toBe(0);
      const verified = await api.post('/v1/models/drained/cells/verify', {});
      expect(await verified.json()).toMatchObject({ mismatches: 0 });
      expect(await again.kill('SIGTERM')).toBe(0);
    },
    TEST_MS,
  );

  it(
    'tells that an evaluation has failed when no evaluator takes it up, and has it done by the next one',
    async () => {
      const impatient = await deployment.launch('api', { PLUMBLINE_EVALUATION_ABANDONED_AFTER: '1s' });
      const ingester = await deployment.launch('ingester');
      await declare('late');
      await send('late');
      const range = { model: 'late', from: text(START_MS), to: text(START_MS + SHIFTS.length * HOUR_MS) };
      const { id } = (await (await impatient.post('/v1/evaluations', range)).json()) as EvaluationProgress;
      const progress = () => impatient.get<EvaluationProgress>(`/v1/evaluations/${id}`);
      const failed = await until('a failure', async () => {
        const reply = await progress();
        return reply.status === 'failed' ? reply : undefined;
      });
      expect(failed.error).toContain('no evaluator has taken it up');
      const evaluator = await deployment.launch('evaluator', { PLUMBLINE_EVALUATION_ENABLED: 'false' });
      await until('its end', async () => ((await progress()).status === 'done' ? true : undefined), PATIENCE_MS);
      expect((await progress()).windows_done).toBe(SHIFTS.length);
      for (const app of [impatient, ingester, evaluator]) await app.stop();
    },
    TEST_MS,
  );

  it(
    'answers 503 with Retry-After while the broker is away, and takes the same events when it is back',
    async () => {
      if (deployment.broker.pid === undefined) return;
      const impatient = await deployment.launch('api', { PLUMBLINE_KAFKA_ACKNOWLEDGE_TIMEOUT: '1s' });
      const event = { model: 'away', prediction_id: 'one', features: { x: 1 } };
      await deployment.broker.kill();
      const refused = await impatient.post('/v1/predictions', event);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      await deployment.broker.restart();
      const ingester = await deployment.launch('ingester');
      await until(
        'the event taken',
        async () => ((await impatient.post('/v1/predictions', event)).status === 202 ? true : undefined),
        PATIENCE_MS,
      );
      await until(
        'the event stored once',
        async () => {
          const response = await fetch(`${api.url}/v1/models/away/versions`);
          if (!response.ok) return undefined;
          const { items } = (await response.json()) as { items: { predictions: number }[] };
          return items[0]?.predictions === 1 ? true : undefined;
        },
        PATIENCE_MS,
      );
      for (const app of [impatient, ingester]) expect(await app.kill('SIGTERM')).toBe(0);
    },
    TEST_MS,
  );
});
