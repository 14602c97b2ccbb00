import { receiverDeclarationSchema, type Notification } from '@plumbline/contracts';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { PagerdutyChannel, type PagerdutyDeclaration } from '../../apps/alerter/src/channels/pagerduty-channel.js';
import { type ModelChange, sendPagerdutyChange } from '../../apps/alerter/src/channels/pagerduty-change.js';
import {
  alertOf,
  describeChannel,
  EXTREMES,
  FIRST_ATTEMPT,
  LINKS,
  notificationOf,
  NOW_MS,
  reportOf,
} from './channel.contract.js';
import { httpChannel, type HttpChannelParts, type HttpChannelUnderTest } from './http-channel.js';
import type { RemoteBehaviour } from './http-receiver.js';
import { PAGERDUTY_MAX_BYTES, pagerdutyChangeSchema, pagerdutyEventSchema } from './pagerduty-schema.js';

const KEY = 'e93facc04764012d7bfb002500d5d1a6';
const environment = { PAGERDUTY: KEY, BAD: 'hunter2' };
const ACCEPTED: RemoteBehaviour = { status: 202, body: '{"status":"success","message":"Event processed"}' };
const live = new AbortController().signal;

const ajv = new Ajv({ allErrors: true, strict: false });
formats.default(ajv);
const isEvent = ajv.compile(pagerdutyEventSchema);
const isChange = ajv.compile(pagerdutyChangeSchema);

function faultsBy(validate: ValidateFunction, body: string): string[] {
  const sizeBytes = Buffer.byteLength(body);
  return [
    ...(validate(JSON.parse(body)) ? [] : (validate.errors ?? []).map((error) => ajv.errorsText([error]))),
    ...(sizeBytes <= PAGERDUTY_MAX_BYTES ? [] : [`${sizeBytes} bytes`]),
    ...(body.isWellFormed() ? [] : ['half characters']),
  ];
}

function declarationOf(origin: string, values: object = {}): PagerdutyDeclaration {
  const declared = { channel: 'pagerduty', routing_key: { env: 'PAGERDUTY' }, url: origin, ...values };
  return receiverDeclarationSchema.parse(declared) as PagerdutyDeclaration;
}

function pagerduty(behaviour: RemoteBehaviour = ACCEPTED, values: object = {}): Promise<HttpChannelUnderTest> {
  return httpChannel(
    behaviour,
    ({ http, secrets, receiver }) => new PagerdutyChannel(declarationOf(receiver.origin, values), http, secrets),
    { environment },
  );
}

describeChannel('PagerdutyChannel', () => pagerduty(), {
  remote: (behaviour) => pagerduty(behaviour),
  faultsOf: (received) => faultsBy(isEvent, received),
});

describe('PagerdutyChannel', () => {
  let underTest: HttpChannelUnderTest;
  beforeEach(async () => {
    underTest = await pagerduty();
  });
  afterEach(() => underTest.close());

  const eventsOf = async (...notifications: Notification[]) => {
    for (const notification of notifications) {
      expect(await underTest.channel.send(notification, FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
    }
    return underTest.received().map((body) => JSON.parse(body) as Record<string, unknown>);
  };

  it('opens, acknowledges and resolves one alert for an incident', async () => {
    const events = await eventsOf(
      notificationOf(),
      notificationOf({ id: 'd2', sequence: 1, cause: 'escalated' }),
      notificationOf({ id: 'd3', sequence: 2, cause: 'acknowledged', acknowledgedBy: 'Ada' }),
      notificationOf({ id: 'd4', sequence: 3, cause: 'resolved', status: 'resolved', severity: 'ok' }),
      notificationOf({ id: 'e1', incidentId: 'incident-2' }),
    );
    expect(events.map(({ event_action: action, dedup_key: key }) => [action, key])).toEqual([
      ['trigger', 'incident-1'],
      ['trigger', 'incident-1'],
      ['acknowledge', 'incident-1'],
      ['resolve', 'incident-1'],
      ['trigger', 'incident-2'],
    ]);
    expect(underTest.receiver.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 5 }, () => 'POST /v2/enqueue'),
    );
  });

  it('tells what happened, and where to go', async () => {
    const [event] = await eventsOf(notificationOf({ report: reportOf(), links: LINKS, remarks: ['2 alerts wait'] }));
    expect(event).toEqual({
      routing_key: KEY,
      event_action: 'trigger',
      dedup_key: 'incident-1',
      client: 'Plumbline',
      client_url: LINKS.alert,
      links: [
        { href: LINKS.acknowledge, text: 'Acknowledge' },
        { href: LINKS.silence, text: 'Silence' },
        { href: LINKS.alert, text: 'Open the alert' },
        { href: LINKS.dashboard, text: 'Dashboard' },
        { href: LINKS.runbook, text: 'Runbook' },
      ],
      payload: {
        summary: 'Critical: loan 1: car_value has drifted',
        source: 'p/loan',
        severity: 'critical',
        timestamp: '2026-01-08T00:01:00.000Z',
        component: 'loan',
        group: 'p',
        class: 'feature-drift',
        custom_details: expect.objectContaining({
          headline: 'loan 1: car_value has drifted',
          Version: '1',
          findings: [expect.stringContaining('mean 41.2 → 52.7')],
          recent_changes: [expect.stringContaining('version 1 was first seen')],
          remarks: ['2 alerts wait'],
          alerts: [expect.objectContaining({ alert_id: 'alert-1', feature: 'car_value', value: 0.41 })],
        }) as object,
      },
    });
  });

  it.each([
    ['critical', 'critical'],
    ['warning', 'warning'],
    ['error', 'error'],
    ['no_data', 'error'],
    ['insufficient_data', 'info'],
    ['no_reference', 'info'],
  ] as const)('maps the severity %s to %s', async (severity, expected) => {
    const [event] = await eventsOf(notificationOf({ severity }));
    expect(event).toMatchObject({ payload: { severity: expected } });
  });

  it('leaves out alerts, and says how many, where an event would be too large', async () => {
    const [, longest] = EXTREMES[1]!;
    const [event] = await eventsOf({ ...longest, incidentId: 'i'.repeat(255) });
    const { alerts, more_alerts: more } = (
      event as { payload: { custom_details: { alerts: object[]; more_alerts: number } } }
    ).payload.custom_details;
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.length + more).toBe(longest.alerts.length + longest.moreAlerts);
    expect(event!['dedup_key']).toBe('i'.repeat(255));
  });

  it('keeps the events of an incident together whose id is too long for a key', async () => {
    const incidentId = 'i'.repeat(256);
    const [first, second, other] = await eventsOf(
      notificationOf({ incidentId }),
      notificationOf({ incidentId, status: 'resolved', cause: 'resolved', alerts: [alertOf()] }),
      notificationOf({ incidentId: `${incidentId}i` }),
    );
    expect(second!['dedup_key']).toBe(first!['dedup_key']);
    expect(other!['dedup_key']).not.toBe(first!['dedup_key']);
  });

  it('opens an incident of low urgency for a test, and closes it', async () => {
    const events = await eventsOf(notificationOf({ cause: 'test', incidentId: 'test-1' }));
    expect(events).toMatchObject([
      { event_action: 'trigger', dedup_key: 'test-1', payload: { severity: 'info' } },
      { event_action: 'resolve', dedup_key: 'test-1' },
    ]);
  });

  it.each(['BAD', 'NONE'])('waits for an integration key that is not there or is none (%s)', async (env) => {
    await underTest.close();
    underTest = await pagerduty(ACCEPTED, { routing_key: { env } });
    const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
    expect(result.detail).toContain(env);
    expect(result.detail).not.toContain('hunter2');
    expect(underTest.received()).toEqual([]);
  });
});

describe('sendPagerdutyChange', () => {
  const change: ModelChange = {
    project: 'p',
    model: 'loan',
    summary: 'Retraining of loan was triggered',
    atMs: NOW_MS,
    details: { run_id: 'run-1', policy: 'default' },
    links: [{ href: 'https://airflow.example/run-1', text: 'Run' }],
  };

  it.each<[RemoteBehaviour, object]>([
    [ACCEPTED, { outcome: 'delivered', status: 202 }],
    [
      { status: 400, body: 'bad' },
      { outcome: 'rejected', status: 400, detail: 'bad' },
    ],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { outcome: 'retryable', retryAfterMs: 7_000 },
    ],
    ['close', { outcome: 'retryable', status: 0 }],
  ])('tells of a change and meets %j', async (behaviour, expected) => {
    let parts: HttpChannelParts | undefined;
    const underTest = await httpChannel(
      behaviour,
      (given) => {
        parts = given;
        return new PagerdutyChannel(declarationOf(given.receiver.origin), given.http, given.secrets);
      },
      { environment },
    );
    const summary = `${change.summary} ${'\u{1F9EE}'.repeat(1_000)}`;
    const declaration = declarationOf(underTest.receiver.origin);
    const result = await sendPagerdutyChange(parts!, declaration, { ...change, summary }, NOW_MS, live);
    await underTest.close();
    expect(result).toMatchObject(expected);
    const [request] = underTest.receiver.requests;
    expect(request!.path).toBe('/v2/change/enqueue');
    expect(faultsBy(isChange, request!.body)).toEqual([]);
    expect(JSON.parse(request!.body)).toMatchObject({
      payload: { source: 'p/loan', timestamp: '2026-01-08T00:00:00.000Z', custom_details: change.details },
      links: change.links,
    });
  });
});
