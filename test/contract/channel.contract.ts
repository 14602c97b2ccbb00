import type {
  AlertFinding,
  AlertLabels,
  AlertReport,
  AlertView,
  DeliveryOutcome,
  Notification,
} from '@plumbline/contracts';
import type { Attempt, Channel } from '../../apps/alerter/src/channels/channel.js';
import type { RemoteBehaviour } from './http-receiver.js';

export interface ChannelUnderTest {
  readonly channel: Channel;
  /** What arrived at the other side, as text, one per message. */
  received(): readonly string[];
  close(): Promise<void>;
}

export interface ChannelCapabilities {
  /** Given where there is another side that speaks HTTP and can fail: makes a channel to one that behaves so. */
  readonly remote?: (behaviour: RemoteBehaviour) => Promise<ChannelUnderTest>;
  /** Returns what the other side would refuse of a message: limits and forms that are not kept. */
  readonly faultsOf?: (received: string) => readonly string[];
}

export const NOW_MS = Date.UTC(2026, 0, 8);
const DAY_MS = 86_400_000;

export function labelsOf(values: Partial<AlertLabels> = {}): AlertLabels {
  return {
    project: 'p',
    model: 'loan',
    version: '1',
    monitor: 'feature-drift',
    segment: '',
    feature: 'car_value',
    method: 'psi.decile',
    severity: 'critical',
    subject: 'drift',
    ...values,
  };
}

export function alertOf(values: Partial<AlertView> = {}): AlertView {
  return {
    alertId: 'alert-1',
    labels: labelsOf(),
    status: 'firing',
    severity: 'critical',
    value: 0.41,
    threshold: 0.25,
    pValue: 0.0001,
    nCurrent: 5000,
    reason: 'PSI 0.41 is above 0.25',
    firedAtMs: NOW_MS,
    resolvedAtMs: undefined,
    acknowledged: undefined,
    transitionId: 't-1',
    ...values,
  };
}

export function findingOf(values: Partial<AlertFinding> = {}): AlertFinding {
  return {
    alertId: 'alert-1',
    monitor: 'feature-drift',
    segment: '',
    feature: 'car_value',
    method: 'psi.decile',
    severity: 'critical',
    value: 0.41,
    threshold: 0.25,
    pValue: 0.0001,
    nCurrent: 5000,
    nReference: 20_000,
    direction: 'up',
    change: 'mean 41.2 → 52.7 (+0.8 standard deviations)',
    share: 0.62,
    reason: 'PSI 0.41 is above 0.25',
    distribution: { labels: ['< 10', '10 – 20', '≥ 20'], reference: [0.5, 0.3, 0.2], current: [0.1, 0.3, 0.6] },
    ...values,
  };
}

export function reportOf(values: Partial<AlertReport> = {}): AlertReport {
  return {
    project: 'p',
    model: 'loan',
    version: '1',
    windowStartMs: NOW_MS - DAY_MS,
    windowEndMs: NOW_MS,
    headline: 'loan 1: car_value has drifted',
    findings: [findingOf()],
    moreFindings: 0,
    predictions: 5000,
    labelCoverage: 0.4,
    recentChanges: [{ kind: 'version', atMs: NOW_MS - DAY_MS, text: 'version 1 was first seen' }],
    ...values,
  };
}

export function notificationOf(values: Partial<Notification> = {}): Notification {
  return {
    id: 'delivery-1',
    incidentId: 'incident-1',
    sequence: 0,
    project: 'p',
    receiver: 'team',
    groupLabels: { model: 'loan' },
    cause: 'fired',
    status: 'firing',
    severity: 'critical',
    acknowledgedBy: undefined,
    alerts: [alertOf()],
    moreAlerts: 0,
    report: undefined,
    remarks: [],
    links: { alert: undefined, acknowledge: undefined, silence: undefined, dashboard: undefined, runbook: undefined },
    createdAtMs: NOW_MS + 60_000,
    ...values,
  };
}

export const LINKS: Notification['links'] = {
  alert: 'https://plumbline.example/links?token=a',
  acknowledge: 'https://plumbline.example/links?token=b',
  silence: 'https://plumbline.example/links?token=c',
  dashboard: 'https://grafana.example/d/loan?from=1&to=2',
  runbook: 'https://wiki.example/loan',
};

export const FIRST_ATTEMPT: Attempt = { attemptedAtMs: NOW_MS, memory: '', mayBeRepeated: false };

const RESOLVED = { status: 'resolved', firedAtMs: NOW_MS - DAY_MS, resolvedAtMs: NOW_MS } as const;
const HOSTILE = 'é "\'\\\n\r\u0000\u{1F9EE}\u202e <!channel> </script> &amp; {{x}} %0a *_~` \ud800';
const LONG = `${'<&>"\u{1F9EE}'.repeat(2_000)} long`;
const EVERY_LINK_HOSTILE = Object.fromEntries(Object.keys(LINKS).map((name) => [name, 'javascript:alert(1)']));

/** Messages of which a channel makes something that the other side takes, whatever is in them. */
export const EXTREMES: readonly (readonly [string, Notification])[] = [
  [
    'names that mean something elsewhere, and numbers that are none',
    notificationOf({
      project: HOSTILE,
      receiver: HOSTILE,
      groupLabels: { model: HOSTILE },
      alerts: [
        alertOf({
          labels: labelsOf({ project: HOSTILE, model: HOSTILE, feature: HOSTILE, monitor: HOSTILE, segment: HOSTILE }),
          reason: HOSTILE,
          value: NaN,
          threshold: -Infinity,
          pValue: NaN,
          acknowledged: { by: HOSTILE, note: HOSTILE, atMs: NOW_MS },
        }),
      ],
      acknowledgedBy: HOSTILE,
      remarks: [HOSTILE, ''],
      links: { ...LINKS, ...EVERY_LINK_HOSTILE },
      report: reportOf({
        headline: HOSTILE,
        labelCoverage: NaN,
        findings: [
          findingOf({
            feature: HOSTILE,
            change: HOSTILE,
            value: Infinity,
            share: NaN,
            distribution: { labels: [HOSTILE], reference: [NaN], current: [2] },
          }),
        ],
      }),
    }),
  ],
  [
    'all that fits in, at its longest',
    notificationOf({
      sequence: 3,
      incidentId: `incident ${'i'.repeat(400)}`,
      alerts: Array.from({ length: 1_000 }, (_, index) =>
        alertOf({
          alertId: `alert-${index}`,
          labels: labelsOf({ feature: `f${index}`, model: LONG, segment: LONG.slice(0, 1_000) }),
          reason: LONG.slice(0, 2_000),
          ...(index % 2 === 0 ? {} : RESOLVED),
        }),
      ),
      moreAlerts: 12_345,
      remarks: Array.from({ length: 100 }, () => LONG),
      links: { ...LINKS, dashboard: `https://grafana.example/${'d'.repeat(4_000)}` },
      report: reportOf({
        headline: LONG,
        model: LONG,
        findings: Array.from({ length: 20 }, (_, index) =>
          findingOf({ alertId: `alert-${index}`, feature: LONG, change: LONG, reason: LONG }),
        ),
        moreFindings: 7,
        recentChanges: Array.from({ length: 50 }, () => ({ kind: 'schema' as const, atMs: NOW_MS, text: LONG })),
      }),
    }),
  ],
  ['nothing but a test', notificationOf({ cause: 'test', alerts: [], groupLabels: {}, severity: 'ok' })],
  [
    'the end of an incident',
    notificationOf({ sequence: 4, cause: 'resolved', status: 'resolved', severity: 'ok', alerts: [alertOf(RESOLVED)] }),
  ],
];

/** What every Channel does. */
export function describeChannel(
  name: string,
  makeChannel: () => Promise<ChannelUnderTest>,
  { remote, faultsOf = () => [] }: ChannelCapabilities = {},
): void {
  describe(`${name} as a Channel`, () => {
    let underTest: ChannelUnderTest | undefined;
    const live = new AbortController().signal;

    afterEach(async () => {
      await underTest?.close();
      underTest = undefined;
    });

    it('delivers a notification once, and says so', async () => {
      underTest = await makeChannel();
      expect((await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).outcome).toBe('delivered');
      const received = underTest.received();
      expect(received).toHaveLength(1);
      for (const part of ['loan', 'feature-drift', 'car_value']) expect(received[0]).toContain(part);
      expect(faultsOf(received[0]!)).toEqual([]);
    });

    it('says the same on each attempt, whenever that is', async () => {
      underTest = await makeChannel();
      const notification = notificationOf({ report: reportOf(), links: LINKS });
      await underTest.channel.send(notification, FIRST_ATTEMPT, live);
      await underTest.channel.send(notification, { ...FIRST_ATTEMPT, attemptedAtMs: NOW_MS + DAY_MS }, live);
      const [first, second] = underTest.received();
      expect(second).toBe(first);
      expect(faultsOf(first!)).toEqual([]);
    });

    it.each(EXTREMES)('delivers %s', async (_, notification) => {
      underTest = await makeChannel();
      expect(await underTest.channel.send(notification, FIRST_ATTEMPT, live)).toMatchObject({ outcome: 'delivered' });
      const received = underTest.received();
      expect(received.length).toBeGreaterThan(0);
      expect(received.flatMap((message) => faultsOf(message))).toEqual([]);
      expect(received.filter((message) => message.includes('javascript:'))).toEqual([]);
    });

    it('sends nothing when aborted before, and throws the reason', async () => {
      underTest = await makeChannel();
      const reason = new Error('shutting down');
      await expect(underTest.channel.send(notificationOf(), FIRST_ATTEMPT, AbortSignal.abort(reason))).rejects.toBe(
        reason,
      );
      expect(underTest.received()).toHaveLength(0);
    });

    if (remote === undefined) return;

    it.each<[RemoteBehaviour, DeliveryOutcome, object]>([
      [{ status: 301, headers: { location: 'http://127.0.0.1:1/' } }, 'rejected', { status: 301 }],
      [{ status: 307, headers: { location: '/elsewhere' } }, 'rejected', { status: 307 }],
      [{ status: 308, headers: { location: '/hook' } }, 'rejected', { status: 308 }],
      [{ status: 400, body: ' no\n\tsuch\u0000 key  ' }, 'rejected', { status: 400, detail: 'no such key' }],
      [{ status: 401 }, 'rejected', { status: 401 }],
      [{ status: 403 }, 'rejected', { status: 403 }],
      [{ status: 404 }, 'rejected', { status: 404 }],
      [{ status: 410 }, 'rejected', { status: 410, gone: true }],
      [{ status: 413 }, 'rejected', { status: 413 }],
      [{ status: 408 }, 'retryable', { status: 408 }],
      [{ status: 429, headers: { 'retry-after': '120' } }, 'retryable', { status: 429, retryAfterMs: 120_000 }],
      [{ status: 429 }, 'retryable', { status: 429 }],
      [
        { status: 503, headers: { 'retry-after': new Date(NOW_MS + 90_000).toUTCString() } },
        'retryable',
        { status: 503, retryAfterMs: 90_000 },
      ],
      [{ status: 500, body: 'x'.repeat(1_000_000) }, 'retryable', { status: 500, detail: 'x'.repeat(200) }],
      [{ status: 599 }, 'retryable', { status: 599 }],
      ['hang', 'retryable', { status: 0 }],
      ['hang in the body', 'retryable', { status: 500 }],
      ['close', 'retryable', { status: 0 }],
      ['close after the headers', 'retryable', { status: 500 }],
      ['endless body', 'retryable', { status: 500, detail: 'y'.repeat(200) }],
    ])('meets %j: %s', async (behaviour, outcome, result) => {
      underTest = await remote(behaviour);
      expect(await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).toMatchObject({ outcome, ...result });
      // On a busy machine the time-out may come before the request has arrived.
      if (behaviour !== 'hang') expect(underTest.received()).toHaveLength(1);
    });

    it('does not hang on a success that never ends', async () => {
      underTest = await remote('endless body of a success');
      const { outcome } = await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live);
      expect(outcome).not.toBe('retryable');
      expect(underTest.received()).toHaveLength(1);
    });

    it('is interrupted by the signal while it waits for the other side', async () => {
      underTest = await remote('hang for long');
      const abort = new AbortController();
      const reason = new Error('shutting down');
      const sending = underTest.channel.send(notificationOf(), FIRST_ATTEMPT, abort.signal);
      // Whether it fails before it is looked at is of no interest here.
      sending.catch(() => undefined);
      while (underTest.received().length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(reason);
      await expect(sending).rejects.toBe(reason);
    });
  });
}
