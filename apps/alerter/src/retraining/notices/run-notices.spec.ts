import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configurationSchema,
  receiverDeclarationSchema,
  type RetrainingEvent,
  retrainingPolicyDeclarationSchema,
  type RetrainingRun,
  type RetrainingRunStatus,
} from '@plumbline/contracts';
import { LinkKeys } from '@plumbline/platform';
import {
  insertRetrainingEvent,
  insertRetrainingRun,
  listDeliveries,
  listModelsWithNotices,
  migrate,
  saveReceiver,
  saveRetrainingPolicy,
  Store,
} from '@plumbline/storage';
import { createLogger } from '@plumbline/telemetry';
import { startSmtpReceiver } from '../../../../../test/contract/smtp-receiver.js';
import { EmailTransports } from '../../channels/email-transports.js';
import { GuardedHttp } from '../../egress/guarded-http.js';
import { Secrets } from '../../secrets/secrets.js';
import { WebhookSender } from '../../webhook/webhook-sender.js';
import { RunNotices } from './run-notices.js';

const NOW_MS = Date.UTC(2026, 5, 20);
const RUN_ID = '0123456789abcdef0123456789abcdef';

interface Received {
  readonly path: string;
  readonly key: string;
  readonly text: string;
}

describe('RunNotices', () => {
  const { alerting } = configurationSchema.parse({
    alerting: { allowedAddresses: ['127.0.0.0/8'], allowHttp: true, linkKey: 'k'.repeat(40) },
  });
  const received: Received[] = [];
  const lines: string[] = [];
  let answer: number;
  let dataDir: string;
  let store: Store;
  let http: GuardedHttp;
  let email: EmailTransports;
  let server: Server;
  let url: string;
  let projects = 0;
  let project: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-notices-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    http = new GuardedHttp(alerting);
    email = new EmailTransports(alerting);
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        received.push({ path: request.url ?? '', key: String(request.headers['webhook-id']), text });
        response
          .writeHead(answer, { 'content-type': 'application/json' })
          .end('{"ok":true,"ts":"1.2","channel":"C01"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    received.length = 0;
    lines.length = 0;
    answer = 200;
    project = `p${projects++}`;
  });
  afterAll(async () => {
    email.close();
    await http.close();
    server.closeAllConnections();
    server.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const newNotices = (externalUrl = 'https://plumbline.example'): RunNotices => {
    const environment = {
      PLUMBLINE_SECRET_SLACK: 'xoxb-1-a',
      PLUMBLINE_SECRET_HOOK: `${url}/hook`,
      PLUMBLINE_SECRET_PAGERDUTY: 'a'.repeat(32),
    };
    const secrets = new Secrets(environment, '');
    const logger = createLogger({ level: 'info', format: 'json', destination: { write: (line) => lines.push(line) } });
    const channels = { logger, http, email, secrets, sender: new WebhookSender(http, secrets), externalUrl };
    const abort = new AbortController().signal;
    return new RunNotices({ store, channels, links: new LinkKeys(store, alerting), logger, abort });
  };
  const addReceiver = (receiver: string, declaration: object): Promise<void> =>
    saveReceiver(store, {
      project,
      receiver,
      declaration: receiverDeclarationSchema.parse(declaration),
      updatedBy: 't',
      updatedAtMs: NOW_MS - 1000,
    });
  const addPolicy = (...receivers: string[]): Promise<void> =>
    saveRetrainingPolicy(store, {
      project,
      model: 'loan',
      policy: 'default',
      declaration: retrainingPolicyDeclarationSchema.parse({ receivers, target: { url: `${url}/train` } }),
      updatedBy: 't',
      updatedAtMs: NOW_MS - 1000,
    });
  const addRun = async (...changes: RetrainingRunStatus[]): Promise<void> => {
    const run: RetrainingRun = {
      runId: RUN_ID,
      project,
      model: 'loan',
      version: '7',
      policy: 'default',
      alertIds: [],
      features: [],
      scheduledForMs: 0,
      reason: 'It <drifted> & more.',
      requestedAtMs: NOW_MS,
      status: 'requested',
      detail: '',
      newVersion: '',
      externalId: '',
      externalUrl: '',
      updatedAtMs: NOW_MS,
    };
    await insertRetrainingRun(store, run);
    for (const [index, to] of changes.entries()) {
      const event: RetrainingEvent = {
        project,
        model: 'loan',
        runId: RUN_ID,
        eventId: `${project} ${to}`,
        from: 'requested',
        to,
        who: 'plumbline',
        detail: `${to}.`,
        newVersion: '',
        externalId: '',
        externalUrl: to === 'triggered' ? 'https://airflow.example/run/1' : '',
        atMs: NOW_MS + index,
      };
      await insertRetrainingEvent(store, event);
    }
  };
  const tell = (notices: RunNotices, nowMs = NOW_MS + 1000) => notices.tell({ project, model: 'loan' }, nowMs);

  it('tells those whom the policy names, each change once, whoever tells', async () => {
    await addReceiver('team', { channel: 'webhook', url: `${url}/team` });
    await addReceiver('others', { channel: 'webhook', url: `${url}/others` });
    await addPolicy('team', 'nobody');
    await addRun('triggered', 'running', 'verified');
    expect(await listModelsWithNotices(store, NOW_MS)).toContainEqual({ project, model: 'loan' });
    expect(await tell(newNotices())).toBeUndefined();
    await tell(newNotices());
    expect(received.map(({ path }) => path)).toEqual(['/team', '/team']);
    expect(new Set(received.map(({ key }) => key)).size).toBe(2);
    expect(received.map(({ text }) => JSON.parse(text) as object)).toMatchObject([
      {
        type: 'retraining_run',
        run_id: RUN_ID,
        status: 'triggered',
        title: 'Retraining of loan (version 7) was triggered',
      },
      { status: 'verified', links: { run_of_the_pipeline: 'https://airflow.example/run/1' } },
    ]);
  });

  it('asks for approval with links that are good for it, and no more once it is decided', async () => {
    await addReceiver('team', { channel: 'webhook', url: `${url}/team` });
    await addPolicy('team');
    await addRun('awaiting_approval');
    await tell(newNotices());
    const { links, text } = JSON.parse(received[0]!.text) as { links: Record<string, string>; text: string };
    expect(text).toContain(`plumbline retraining-runs approve ${RUN_ID}`);
    for (const [name, action] of [
      ['approve', 'retraining.approve'],
      ['refuse', 'retraining.refuse'],
    ] as const) {
      const link = new URL(links[name]!);
      expect(link.origin + link.pathname).toBe('https://plumbline.example/links');
      const reading = await new LinkKeys(store, alerting).read(link.searchParams.get('token')!, NOW_MS);
      expect(reading).toMatchObject({ ok: true, claims: { project, action, subject: RUN_ID } });
    }
    await addReceiver('late', { channel: 'webhook', url: `${url}/late` });
    await addPolicy('team', 'late');
    await addRun('awaiting_approval', 'refused');
    await tell(newNotices());
    expect(received).toHaveLength(1);
  });

  it('tries again what may pass, under the same key, and says what may not', async () => {
    await addReceiver('team', { channel: 'webhook', url: `${url}/team` });
    await addPolicy('team');
    await addRun('triggered');
    answer = 503;
    const nextAtMs = await tell(newNotices());
    expect(nextAtMs).toBeGreaterThan(NOW_MS + 1000);
    expect(await tell(newNotices())).toBe(nextAtMs);
    answer = 400;
    expect(await tell(newNotices(), nextAtMs)).toBeUndefined();
    expect(new Set(received.map(({ key }) => key)).size).toBe(1);
    const attempts = await listDeliveries(store, { project, model: 'loan', limit: 9 });
    expect(attempts.map(({ attempt, outcome, kind }) => [attempt, outcome, kind])).toEqual([
      [2, 'rejected', 'retraining'],
      [1, 'retryable', 'retraining'],
    ]);
    expect(lines.some((line) => line.includes('could not be told'))).toBe(true);
  });

  it.each<[string, () => object, string | undefined, string]>([
    ['console', () => ({}), undefined, ''],
    ['slack_webhook', () => ({ url: { env: 'PLUMBLINE_SECRET_HOOK' } }), '/hook', 'It &lt;drifted&gt; &amp; more.'],
    [
      'slack',
      () => ({ token: { env: 'PLUMBLINE_SECRET_SLACK' }, to: 'C012AB3CD', url: `${url}/api/` }),
      '/api/chat.postMessage',
      'C012AB3CD',
    ],
    [
      'pagerduty',
      () => ({ routing_key: { env: 'PLUMBLINE_SECRET_PAGERDUTY' }, url }),
      '/v2/change/enqueue',
      'Retraining of loan (version 7) was triggered',
    ],
  ])('speaks to %s', async (channel, declaration, path, says) => {
    if (channel === 'pagerduty') answer = 202;
    await addReceiver('team', { channel, ...declaration() });
    await addPolicy('team');
    await addRun('triggered');
    await tell(newNotices());
    const [delivery] = await listDeliveries(store, { project, model: 'loan', limit: 9 });
    expect(delivery).toMatchObject({ channel, outcome: 'delivered' });
    if (path === undefined) expect(lines.some((line) => line.includes('was triggered'))).toBe(true);
    else {
      expect(received).toHaveLength(1);
      expect(received[0]!.path).toBe(path);
      expect(received[0]!.text).toContain(says);
    }
  });

  it('writes an e-mail with the links', async () => {
    const smtp = await startSmtpReceiver({ tls: 'none' });
    try {
      const to = { to: ['team@example.com'], from: 'plumbline@example.org', host: '127.0.0.1' };
      await addReceiver('team', { channel: 'email', ...to, port: smtp.port, tls: 'none' });
      await addPolicy('team');
      await addRun('awaiting_approval');
      await tell(newNotices());
      const [mail] = smtp.emails;
      expect(mail!.email.subject).toBe('[Plumbline] Retraining of loan (version 7) waits for approval');
      expect(mail!.email.text).toContain('It <drifted> & more.');
      expect(mail!.email.text).toContain('Approve: https://plumbline.example/links?token=');
    } finally {
      await smtp.close();
    }
  });
});
