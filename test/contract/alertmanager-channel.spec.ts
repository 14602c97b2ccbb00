import { receiverDeclarationSchema, type Notification } from '@plumbline/contracts';
import {
  AlertmanagerChannel,
  type AlertmanagerDeclaration,
} from '../../apps/alerter/src/channels/alertmanager-channel.js';
import { alertmanagerFaults, Alertmanager } from './alertmanager-server.js';
import {
  alertOf,
  describeChannel,
  FIRST_ATTEMPT,
  labelsOf,
  LINKS,
  notificationOf,
  NOW_MS,
  reportOf,
} from './channel.contract.js';
import { httpChannel, type HttpChannelUnderTest } from './http-channel.js';
import type { ReceivedRequest, RemoteBehaviour } from './http-receiver.js';

const DAY_MS = 86_400_000;
const live = new AbortController().signal;
const environment = { PLUMBLINE_SECRET_TOKEN: 'a-token', OTHER: 'hunter2' };

function alertmanager(
  behaviour: RemoteBehaviour | ((request: ReceivedRequest) => RemoteBehaviour),
  values: object = {},
): Promise<HttpChannelUnderTest> {
  return httpChannel(
    behaviour,
    ({ http, secrets, receiver }) => {
      const declared = { channel: 'alertmanager', url: `${receiver.origin}/prefix/?a=b`, ...values };
      return new AlertmanagerChannel(
        receiverDeclarationSchema.parse(declared) as AlertmanagerDeclaration,
        http,
        secrets,
      );
    },
    { environment },
  );
}

describeChannel('AlertmanagerChannel', () => alertmanager(new Alertmanager('/prefix').answer), {
  remote: (behaviour) => alertmanager(behaviour),
  faultsOf: alertmanagerFaults,
});

describe('AlertmanagerChannel', () => {
  let remote: Alertmanager;
  let underTest: HttpChannelUnderTest;
  beforeEach(async () => {
    remote = new Alertmanager('/prefix');
    underTest = await alertmanager(remote.answer);
  });
  afterEach(() => underTest.close());

  const send = async (...notifications: Notification[]) => {
    for (const notification of notifications) {
      expect(await underTest.channel.send(notification, FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
    }
  };
  const income = {
    alertId: 'alert-2',
    labels: labelsOf({ feature: 'income', severity: 'warning' }),
    severity: 'warning',
  } as const;

  it('hands over an alert for each of the message', async () => {
    const runbookOnly = { ...LINKS, dashboard: undefined };
    await send(notificationOf({ alerts: [alertOf(), alertOf(income)], report: reportOf(), links: runbookOnly }));
    expect(JSON.parse(underTest.received()[0]!)).toEqual([
      {
        labels: {
          alertname: 'feature-drift',
          project: 'p',
          model: 'loan',
          version: '1',
          monitor: 'feature-drift',
          feature: 'car_value',
          method: 'psi.decile',
          severity: 'critical',
          subject: 'drift',
        },
        annotations: {
          summary: 'PSI 0.41 is above 0.25',
          description: 'mean 41.2 → 52.7 (+0.8 standard deviations)',
          runbook_url: LINKS.runbook,
        },
        startsAt: '2026-01-08T00:00:00.000Z',
        endsAt: '2026-02-07T00:01:00.000Z',
        generatorURL: LINKS.alert,
      },
      expect.objectContaining({
        labels: expect.objectContaining({ feature: 'income', severity: 'warning' }) as object,
      }),
    ]);
  });

  it('keeps an alert firing from message to message, and ends it when it is resolved', async () => {
    const alerts = [alertOf(), alertOf(income)];
    await send(notificationOf({ alerts }));
    expect(remote.firingAt(NOW_MS + 29 * DAY_MS)).toEqual(['car_value critical', 'income warning']);
    const resolved = { status: 'resolved', resolvedAtMs: NOW_MS + DAY_MS } as const;
    const createdAtMs = NOW_MS + DAY_MS + 60_000;
    await send(
      notificationOf({
        sequence: 1,
        cause: 'changed',
        alerts: [alertOf(), alertOf({ ...income, ...resolved })],
        createdAtMs,
      }),
    );
    expect(remote.firingAt(createdAtMs)).toEqual(['car_value critical']);
    await send(
      notificationOf({ sequence: 2, cause: 'resolved', status: 'resolved', alerts: [alertOf(resolved)], createdAtMs }),
    );
    expect(remote.firingAt(createdAtMs)).toEqual([]);
  });

  it('leaves no warning behind when an alert becomes critical, and none of either when it ends', async () => {
    const critical = { ...income, labels: labelsOf({ feature: 'income' }), severity: 'critical' } as const;
    await send(notificationOf({ alerts: [alertOf(income)] }));
    await send(notificationOf({ sequence: 1, cause: 'escalated', alerts: [alertOf(critical)] }));
    expect(remote.firingAt(NOW_MS + DAY_MS)).toEqual(['income critical']);
    const resolved = { status: 'resolved', resolvedAtMs: NOW_MS + DAY_MS } as const;
    await send(
      notificationOf({
        sequence: 2,
        cause: 'resolved',
        status: 'resolved',
        alerts: [alertOf({ ...income, ...resolved })],
      }),
    );
    expect(remote.firingAt(NOW_MS + DAY_MS)).toEqual([]);
  });

  it('never ends an alert before it began', async () => {
    await send(
      notificationOf({ status: 'resolved', alerts: [alertOf({ status: 'resolved', resolvedAtMs: NOW_MS - DAY_MS })] }),
    );
    expect(remote.firingAt(NOW_MS)).toEqual([]);
  });

  it('sends a test that ends by itself', async () => {
    await send(
      notificationOf({ cause: 'test', alerts: [] }),
      notificationOf({ cause: 'test', id: 'd2', alerts: [alertOf()] }),
    );
    expect(remote.firingAt(NOW_MS + 2 * 60_000)).toHaveLength(2);
    expect(remote.firingAt(NOW_MS + 7 * 60_000)).toEqual([]);
  });

  it('authenticates itself with a token of the server’s, and sends declared headers', async () => {
    await underTest.close();
    const values = {
      bearer_token: { env: 'PLUMBLINE_SECRET_TOKEN' },
      headers: { 'X-Scope-OrgID': 'ml', Host: 'evil' },
    };
    underTest = await alertmanager(remote.answer, values);
    await send(notificationOf());
    const { headers } = underTest.receiver.requests[0]!;
    expect(headers).toMatchObject({ authorization: 'Bearer a-token', 'x-scope-orgid': 'ml' });
    expect(headers.host).toBe(new URL(underTest.receiver.origin).host);
  });

  it.each(['OTHER', 'PLUMBLINE_SECRET_NONE'])('sends no other variable as a token (%s)', async (env) => {
    await underTest.close();
    underTest = await alertmanager(remote.answer, { bearer_token: { env } });
    const result = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
    expect(result).toMatchObject({ outcome: 'retryable', status: 0 });
    expect(result.detail).toContain(env);
    expect(underTest.received()).toEqual([]);
  });
});
