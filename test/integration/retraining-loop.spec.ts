import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertReply, RetrainingRunDetailReply, RetrainingRunReply } from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const HOUR_MS = 3_600_000;
const startMs = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;
const hour = (index: number): string => new Date(startMs + index * HOUR_MS).toISOString();
const WAIT_MS = 90_000;

/** A model that has become wrong, until its successor is found to be right: the pipeline is ours, everything else is real. @embedded-only */
describe('the retraining loop', () => {
  let dataDir: string;
  let server: StandaloneServer;
  let pipeline: WebhookReceiver;

  const send = async (method: string, path: string, body: string, type = 'application/json'): Promise<void> => {
    const response = await fetch(server.url + path, { method, headers: { 'content-type': type }, body });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  };
  const plumbline = (...args: string[]) => runCli(server.url, ...args);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await plumbline(...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };
  const runs = () => json<RetrainingRunReply[]>('retraining-runs', '--model', 'loans');
  const runIn = (status: string) =>
    until(`a run that is ${status}`, async () => (await runs()).find((run) => run.status === status), WAIT_MS);

  /** Of a hundred answers so many are right. */
  const answer = (index: number, right: number): { prediction: number; truth: number } => {
    const truth = index % 2;
    return { truth, prediction: index % 100 < right ? truth : 1 - truth };
  };
  const reference = async (version: string): Promise<void> => {
    const rows = Array.from({ length: 1000 }, (_, index) => JSON.stringify({ x: index % 10, ...answer(index, 90) }));
    const mapping = encodeURIComponent(JSON.stringify({ prediction: 'prediction', label: 'truth' }));
    const path = `/v1/models/loans/versions/${version}/reference?mapping=${mapping}`;
    await send('POST', path, rows.join('\n'), 'application/x-ndjson');
  };
  /** An hour in which each version answers the same requests, and in which the truth comes out. */
  const pass = async (index: number, rightOf: Readonly<Record<string, number>>): Promise<void> => {
    const events = Object.entries(rightOf).flatMap(([version, right]) =>
      Array.from({ length: 400 }, (_, i) => ({ version, i, ...answer(i, right) })),
    );
    const idOf = ({ version, i }: { version: string; i: number }): string => `${index}-${version}-${i}`;
    const predictions = events.map((event) => ({
      model: 'loans',
      version: event.version,
      prediction_id: idOf(event),
      timestamp: hour(index),
      trace_id: `request ${index}-${event.i}`,
      features: { x: event.i % 10 },
      prediction: { label: event.prediction },
    }));
    const labels = events.map((event) => ({ model: 'loans', prediction_id: idOf(event), label: event.truth }));
    await send('POST', '/v1/predictions', JSON.stringify(predictions));
    await send('POST', '/v1/labels', JSON.stringify(labels));
    const range = ['--from', hour(index), '--to', hour(index + 1)];
    expect(await plumbline('evaluate', '--model', 'loans', ...range)).toMatchObject({ code: 0 });
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-loop-'));
    pipeline = await WebhookReceiver.start();
    server = await StandaloneServer.start({
      dataDir,
      env: { PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8', PLUMBLINE_ALERTING_ALLOW_HTTP: 'true' },
    });
    const model = { task: 'binary', positive_class: 1, default_monitors: false, windows: { every: '1h' } };
    await send('PUT', '/v1/models/loans', JSON.stringify(model));
    // The budget of an hourly monitor would ask for more labels than an hour has here.
    const monitor = {
      detector: 'performance',
      thresholds: { accuracy: { warning: 0.05, critical: 0.2 } },
      widen: [],
      alpha: 0.01,
    };
    await send('PUT', '/v1/models/loans/monitors/accuracy', JSON.stringify(monitor));
    await reference('1');
    await reference('2');
    const policy = {
      when: { all: [{ alerts: { severity: 'critical' } }, { label_coverage: 0.9 }] },
      approval: { within: '1d' },
      target: { url: `${pipeline.url}/train`, parameters: { why: '{{reason}}' } },
    };
    await send('PUT', '/v1/models/loans/retraining-policies/accuracy', JSON.stringify(policy));
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await pipeline.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('asks a person, calls the pipeline, and resolves the alert when the new version is right', async () => {
    await pass(0, { 1: 90 });
    expect(await runs()).toEqual([]);
    await pass(1, { 1: 60 });
    const waiting = await runIn('awaiting_approval');
    expect(pipeline.calls).toEqual([]);
    const [alert] = await json<AlertReply[]>('alerts', '--model', 'loans');
    expect(waiting).toMatchObject({ version: '1', policy: 'accuracy', alert_ids: [alert!.alert_id] });

    const approved = await plumbline('retraining-runs', 'approve', waiting.run_id, '--note', 'the labels are right');
    expect(approved).toMatchObject({ code: 0 });
    const call = await until('the call of the pipeline', () => pipeline.calls[0], WAIT_MS);
    const body = JSON.parse(call.body) as { run_id: string; callback_url: string; parameters: { why: string } };
    expect(body).toMatchObject({ run_id: waiting.run_id, parameters: { why: waiting.reason } });
    await runIn('triggered');
    expect(await plumbline('retraining-runs', 'refuse', waiting.run_id)).toMatchObject({ code: 1 });

    await send('POST', body.callback_url, JSON.stringify({ status: 'running' }));
    await send('POST', body.callback_url, JSON.stringify({ status: 'succeeded', version: '2' }));
    await send('POST', body.callback_url, JSON.stringify({ status: 'running' }));
    expect(await runIn('succeeded')).toMatchObject({ new_version: '2', comparison: null });

    await pass(2, { 1: 60, 2: 90 });
    const verified = await runIn('verified');
    expect(verified.comparison).toMatchObject({
      verified: true,
      mode: 'paired',
      metrics: [{ metric: 'accuracy', old: { value: 0.6, n: 400 }, new: { value: 0.9, n: 400 }, verdict: 'better' }],
      causes: [{ alert_id: alert!.alert_id, state: 'healed' }],
    });
    const resolved = await until(
      'the alert to be resolved',
      async () =>
        (await json<AlertReply[]>('alerts', '--model', 'loans')).find(
          ({ alert_id, status }) => alert_id === alert!.alert_id && status === 'resolved',
        ),
      WAIT_MS,
    );
    expect(resolved.resolved_by).toBe(`retraining run ${waiting.run_id}`);
    expect(pipeline.calls).toHaveLength(1);

    const shown = await json<RetrainingRunDetailReply>('retraining-runs', 'show', waiting.run_id);
    expect(shown.history.map(({ to, who }) => [to, who])).toEqual([
      ['requested', 'policy accuracy'],
      ['awaiting_approval', 'plumbline'],
      ['approved', 'local'],
      ['triggered', 'plumbline'],
      ['running', 'signed address'],
      ['succeeded', 'signed address'],
      ['verified', 'plumbline'],
    ]);
    const text = (await plumbline('retraining-runs', 'show', waiting.run_id)).stdout;
    expect(text).toContain('comparison: accuracy of version 2 is 0.9 on 400 labels, of version 1 0.6');
  }, 300_000);
});
