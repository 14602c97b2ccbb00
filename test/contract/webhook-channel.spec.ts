import { Webhook } from 'standardwebhooks';
import { WebhookChannel } from '../../apps/alerter/src/channels/webhook-channel.js';
import { type WebhookTarget, WebhookSender } from '../../apps/alerter/src/webhook/webhook-sender.js';
import { describeChannel, FIRST_ATTEMPT, labelsOf, notificationOf } from './channel.contract.js';
import { httpChannel, type HttpChannelOptions, type HttpChannelUnderTest } from './http-channel.js';
import type { RemoteBehaviour } from './http-receiver.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const environment = { HOOK_SECRET: SECRET, OLD_SECRET, BAD_SECRET: 'hunter2' };
const live = new AbortController().signal;

function webhook(
  behaviour: RemoteBehaviour = { status: 200 },
  target: Partial<WebhookTarget> = {},
  options: HttpChannelOptions = {},
): Promise<HttpChannelUnderTest> {
  return httpChannel(
    behaviour,
    ({ http, secrets, receiver }) =>
      new WebhookChannel(
        new WebhookSender(http, secrets),
        { url: receiver.url, secret: { env: 'HOOK_SECRET' }, headers: {}, ...target },
        'https://plumbline.example',
      ),
    { environment, ...options },
  );
}

describeChannel('WebhookChannel', () => webhook(), {
  remote: (behaviour) => webhook(behaviour),
  faultsOf: (body) => (isJson(body) ? [] : ['not JSON']),
});

describe('WebhookChannel', () => {
  let underTest: HttpChannelUnderTest | undefined;
  afterEach(async () => {
    await underTest?.close();
    underTest = undefined;
  });

  it('signs so that the standardwebhooks package verifies it, under an id that is the same on each attempt', async () => {
    underTest = await webhook();
    const attemptedAtMs = Date.now();
    await underTest.channel.send(notificationOf(), { ...FIRST_ATTEMPT, attemptedAtMs }, live);
    await underTest.channel.send(notificationOf(), { ...FIRST_ATTEMPT, attemptedAtMs: attemptedAtMs + 5_000 }, live);
    const [first, second] = underTest.receiver.requests;
    for (const request of [first!, second!]) {
      const headers = request.headers as Record<string, string>;
      expect(new Webhook(SECRET).verify(request.body, headers)).toMatchObject({ id: 'delivery-1' });
      expect(headers['webhook-id']).toBe('delivery-1');
      expect(() => new Webhook(`whsec_${'A'.repeat(32)}`).verify(request.body, headers)).toThrow();
    }
    expect(second!.headers['webhook-timestamp']).not.toBe(first!.headers['webhook-timestamp']);
    expect(second!.body).toBe(first!.body);
  });

  it('signs with each secret while one is rotated', async () => {
    underTest = await webhook({ status: 200 }, { previous_secrets: [{ env: 'OLD_SECRET' }] });
    await underTest.channel.send(notificationOf(), { ...FIRST_ATTEMPT, attemptedAtMs: Date.now() }, live);
    const { headers, body } = underTest.receiver.requests[0]!;
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ id: 'delivery-1' });
    }
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2);
  });

  it('sends what a receiver of Alertmanager reads, and more', async () => {
    underTest = await webhook();
    await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(JSON.parse(underTest.receiver.requests[0]!.body)).toEqual({
      version: '4',
      groupKey: 'p:{model="loan"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'team',
      groupLabels: { model: 'loan' },
      commonLabels: { alertname: 'feature-drift', ...labelsOf() },
      commonAnnotations: {},
      externalURL: 'https://plumbline.example',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'feature-drift', ...labelsOf() },
          annotations: { summary: 'PSI 0.41 is above 0.25' },
          startsAt: '2026-01-08T00:00:00.000Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: '',
          fingerprint: 'alert-1',
          transition_id: 't-1',
          value: 0.41,
          threshold: 0.25,
          p_value: 0.0001,
          rows: 5000,
          acknowledged: null,
        },
      ],
      id: 'delivery-1',
      incident_id: 'incident-1',
      sequence: 0,
      cause: 'fired',
      project: 'p',
      model: 'loan',
      severity: 'critical',
      acknowledged_by: null,
      features: ['car_value'],
      remarks: [],
      links: { alert: null, acknowledge: null, silence: null, dashboard: null, runbook: null },
      report: null,
      created_at: '2026-01-08T00:01:00.000Z',
    });
  });

  it('sends declared headers, except those that are ours or the connection’s', async () => {
    const headers = { 'X-Team': 'ml', Host: 'evil.example', 'Webhook-Id': 'mine', 'content-length': '1' };
    underTest = await webhook({ status: 200 }, { headers, secret: undefined });
    expect((await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).outcome).toBe('delivered');
    const received = underTest.receiver.requests[0]!.headers;
    expect(received).toMatchObject({
      'x-team': 'ml',
      'webhook-id': 'delivery-1',
      host: new URL(underTest.receiver.url).host,
    });
    expect(received['webhook-signature']).toBeUndefined();
  });

  it('does not let a header smuggle another one', async () => {
    underTest = await webhook({ status: 200 }, { headers: { 'x-a': 'b\r\nx-c: d' } });
    expect(await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).toMatchObject({
      outcome: 'rejected',
      status: 0,
    });
    expect(underTest.received()).toEqual([]);
  });

  it.each([{ env: 'NO_SUCH' }, { env: 'BAD_SECRET' }, { file: '/no/such/file' }])(
    'waits for a secret that is not there or is none (%j), and never says its value',
    async (secret) => {
      underTest = await webhook({ status: 200 }, { secret });
      const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
      expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
      expect(result.detail).toContain('env' in secret ? secret.env : secret.file);
      expect(result.detail).not.toContain('hunter2');
      expect(underTest.received()).toEqual([]);
    },
  );

  it.each([200, 202, 204])('takes %d for delivered', async (status) => {
    underTest = await webhook({ status, ...(status === 204 ? {} : { body: 'x'.repeat(1_000_000) }) });
    expect(await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).toEqual({
      outcome: 'delivered',
      status,
      detail: '',
    });
  });

  it('asks for TLS unless the operator waives it', async () => {
    underTest = await webhook({ status: 200 }, {}, { allowHttp: false });
    const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(result).toMatchObject({ outcome: 'rejected' });
    expect(result.detail).toContain('alerting.allowHttp');
    expect(underTest.received()).toEqual([]);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
