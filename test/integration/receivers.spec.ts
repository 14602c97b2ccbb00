import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertReply } from '@plumbline/contracts';
import { Alertmanager } from '../contract/alertmanager-server.js';
import { type HttpReceiver, startHttpReceiver } from '../contract/http-receiver.js';
import { SLACK_CHANNEL, SLACK_TOKEN, SlackWorkspace } from '../contract/slack-workspace.js';
import { runCli } from '../support/cli.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';

const HOUR_MS = 3_600_000;
const PATIENCE_MS = 120_000;
const PAGERDUTY_KEY = 'e93facc04764012d7bfb002500d5d1a6';
const startMs = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;
const hour = (index: number): string => new Date(startMs + index * HOUR_MS).toISOString();

interface PagerdutyCall {
  readonly event_action: string;
  readonly dedup_key: string;
  readonly payload?: { readonly severity: string; readonly summary: string };
}

/** An incident from its first alert to its end, as each receiver of the real server gets to see it. @embedded-only */
describe('receivers', () => {
  const workspace = new SlackWorkspace();
  const alertmanager = new Alertmanager();
  let slack: HttpReceiver;
  let slackWebhook: HttpReceiver;
  let pagerduty: HttpReceiver;
  let prometheus: HttpReceiver;
  let dataDir: string;
  let server: StandaloneServer;

  beforeAll(async () => {
    slack = await startHttpReceiver(workspace.answer);
    slackWebhook = await startHttpReceiver(() => ({ status: 200, body: 'ok' }));
    pagerduty = await startHttpReceiver(() => ({ status: 202, body: '{"status":"success"}' }));
    prometheus = await startHttpReceiver(alertmanager.answer);
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-receivers-'));
    server = await StandaloneServer.start({
      dataDir,
      env: {
        PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
        PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
        PLUMBLINE_ALERTING_EXTERNAL_URL: 'https://plumbline.example',
        SLACK_BOT_TOKEN: SLACK_TOKEN,
        SLACK_WEBHOOK_URL: slackWebhook.url,
        PAGERDUTY_KEY,
        PLUMBLINE_SECRET_ALERTMANAGER: 'a-token',
      },
    });
    await put('/v1/models/quiet', { default_monitors: false, windows: { every: '1h' } });
    const thresholds = { volume: { warning: 100, critical: 10 } };
    await put('/v1/models/quiet/monitors/volume', { detector: 'traffic', thresholds, keep_firing_for: 0 });
    const receivers = {
      slack: { channel: 'slack', token: { env: 'SLACK_BOT_TOKEN' }, to: SLACK_CHANNEL, url: `${slack.origin}/api/` },
      hook: { channel: 'slack_webhook', url: { env: 'SLACK_WEBHOOK_URL' } },
      pagerduty: { channel: 'pagerduty', routing_key: { env: 'PAGERDUTY_KEY' }, url: pagerduty.origin },
      alertmanager: {
        channel: 'alertmanager',
        url: prometheus.origin,
        bearer_token: { env: 'PLUMBLINE_SECRET_ALERTMANAGER' },
      },
    };
    for (const [name, declaration] of Object.entries(receivers)) await put(`/v1/receivers/${name}`, declaration);
    await put('/v1/routes/all', { receivers: Object.keys(receivers), group_wait: '0s', group_interval: '0s' });
  }, 180_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await Promise.all([slack, slackWebhook, pagerduty, prometheus].map((receiver) => receiver.close()));
    await rm(dataDir, { recursive: true, force: true });
  });

  const put = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(server.url + path, { method: 'PUT', headers, body: JSON.stringify(body) });
    expect([path, response.status, response.ok || (await response.text())]).toEqual([path, 200, true]);
  };
  const plumbline = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(server.url, ...args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  /** Sends so many predictions in an hour, and evaluates it. */
  const pass = async (index: number, count: number): Promise<void> => {
    const events = Array.from({ length: count }, (_, i) => ({
      model: 'quiet',
      prediction_id: `${index}-${i}`,
      timestamp: hour(index),
      features: { x: 1 },
    }));
    expect((await server.post('/v1/predictions', JSON.stringify(events))).status).toBe(200);
    await plumbline('evaluate', '--model', 'quiet', '--from', hour(index), '--to', hour(index + 1));
  };
  const calls = (): PagerdutyCall[] => pagerduty.requests.map(({ body }) => JSON.parse(body) as PagerdutyCall);
  const reached = (what: string, condition: () => boolean): Promise<true> =>
    until(what, () => (condition() ? true : undefined), PATIENCE_MS);
  const root = (): string => JSON.stringify(workspace.roots[0]?.content ?? null);
  const replies = (): string => JSON.stringify(workspace.replies.map(({ content }) => content));
  const severitiesAtAlertmanager = (): (string | undefined)[] =>
    [...alertmanager.alerts.values()]
      .filter(({ endsAt }) => Date.parse(endsAt) > Date.now())
      .map(({ labels }) => labels['severity']);

  it(
    'follow an incident: it fires, is acknowledged, becomes critical, and is over',
    async () => {
      await pass(0, 50);
      await reached('Slack', () => root().includes('🟠 Warning'));
      await reached('PagerDuty', () => calls().length === 1);
      await reached('Alertmanager', () => severitiesAtAlertmanager().length === 1);
      await reached('the Slack webhook', () => slackWebhook.requests.length === 1);
      expect(root()).toContain('https://plumbline.example/links?token=');
      expect(calls()).toMatchObject([{ event_action: 'trigger', payload: { severity: 'warning' } }]);
      expect(severitiesAtAlertmanager()).toEqual(['warning']);
      expect(prometheus.requests[0]!.headers.authorization).toBe('Bearer a-token');

      const [alert] = JSON.parse(await plumbline('alerts', '--model', 'quiet', '--json')) as AlertReply[];
      await plumbline('alerts', 'ack', alert!.alert_id, '--note', 'on it');
      await reached('the acknowledgement at Slack', () => root().includes('acknowledged by local'));
      await reached('the acknowledgement at PagerDuty', () =>
        calls().some(({ event_action: action }) => action === 'acknowledge'),
      );

      await pass(1, 5);
      await reached('the escalation at Slack', () => root().includes('🔴 Critical'));
      await reached('the escalation in the thread', () => replies().includes('Critical'));
      await reached('the escalation at Alertmanager', () => severitiesAtAlertmanager()[0] === 'critical');
      expect(severitiesAtAlertmanager()).toEqual(['critical']);

      await pass(2, 200);
      await reached('the end at Slack', () => root().includes('✅ Resolved'));
      await reached('the end in the thread', () => replies().includes('✅'));
      await reached('the end at PagerDuty', () => calls().at(-1)?.event_action === 'resolve');
      await reached('the end at Alertmanager', () => severitiesAtAlertmanager().length === 0);
      await reached('the end at the Slack webhook', () =>
        slackWebhook.requests.some(({ body }) => body.includes('✅ Resolved')),
      );
      // One message and one alert, whatever happened in between.
      expect(workspace.roots).toHaveLength(1);
      expect(new Set(workspace.replies.map(({ thread_ts: threadTs }) => threadTs))).toEqual(
        new Set([workspace.roots[0]!.ts]),
      );
      expect(new Set(calls().map(({ dedup_key: key }) => key)).size).toBe(1);
      // What was certainly new was not looked for: a first message costs one call.
      expect(workspace.calls[0]).toBe('chat.postMessage');
    },
    4 * PATIENCE_MS,
  );
});
