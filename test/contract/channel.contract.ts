import type { AlertLabels, AlertView, DeliveryOutcome, Notification } from '@plumbline/contracts';
import type { Attempt, Channel } from '../../apps/alerter/src/channels/channel.js';

/** How the other side behaves: an HTTP status, or one of the ways in which it does not answer properly. */
export type RemoteBehaviour =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'hang in the body'
  | 'close'
  | 'close after the headers'
  | 'endless body';

export interface ChannelUnderTest {
  readonly channel: Channel;
  /** What arrived at the other side, as text, one per message. */
  received(): readonly string[];
  close(): Promise<void>;
}

export interface ChannelCapabilities {
  /** Given where there is another side that can fail: makes a channel to one that behaves so. */
  readonly remote?: (behaviour: RemoteBehaviour) => Promise<ChannelUnderTest>;
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

export const FIRST_ATTEMPT: Attempt = { attemptedAtMs: NOW_MS, memory: '', mayBeRepeated: false };

/** What every Channel does. */
export function describeChannel(
  name: string,
  makeChannel: () => Promise<ChannelUnderTest>,
  { remote }: ChannelCapabilities = {},
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
    });

    it('delivers whatever a user may have named things, and numbers that are none', async () => {
      underTest = await makeChannel();
      const feature = 'é "\'\\\n\r\u0000\u{1F9EE} </script> {{x}} %0a';
      const alerts = [
        alertOf({ labels: labelsOf({ feature }), value: NaN, threshold: NaN, pValue: NaN }),
        ...Array.from({ length: 1_000 }, (_, index) =>
          alertOf({
            alertId: `alert-${index}`,
            labels: labelsOf({ feature: `f${index}` }),
            status: 'resolved',
            firedAtMs: NOW_MS - DAY_MS,
            resolvedAtMs: NOW_MS,
          }),
        ),
      ];
      const result = await underTest.channel.send(notificationOf({ alerts }), FIRST_ATTEMPT, live);
      expect(result.outcome).toBe('delivered');
      expect(underTest.received()).toHaveLength(1);
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
      [{ status: 200 }, 'delivered', { status: 200 }],
      [{ status: 202, body: 'x'.repeat(1_000_000) }, 'delivered', { status: 202, detail: '' }],
      [{ status: 204 }, 'delivered', { status: 204 }],
      [{ status: 301, headers: { location: 'http://127.0.0.1:1/' } }, 'rejected', { status: 301 }],
      [{ status: 307, headers: { location: '/elsewhere' } }, 'rejected', { status: 307 }],
      [{ status: 400, body: ' no\n\tsuch\u0000 key  ' }, 'rejected', { status: 400, detail: 'no such key' }],
      [{ status: 404 }, 'rejected', { status: 404 }],
      [{ status: 410 }, 'rejected', { status: 410, gone: true }],
      [{ status: 408 }, 'retryable', { status: 408 }],
      [{ status: 429, headers: { 'retry-after': '120' } }, 'retryable', { status: 429, retryAfterMs: 120_000 }],
      [
        { status: 503, headers: { 'retry-after': new Date(NOW_MS + 90_000).toUTCString() } },
        'retryable',
        { retryAfterMs: 90_000 },
      ],
      [{ status: 500, body: 'x'.repeat(1_000_000) }, 'retryable', { status: 500, detail: 'x'.repeat(200) }],
      ['hang', 'retryable', { status: 0 }],
      ['hang in the body', 'retryable', { status: 500 }],
      ['close', 'retryable', { status: 0 }],
      ['close after the headers', 'retryable', { status: 500 }],
      ['endless body', 'retryable', { status: 500, detail: 'y'.repeat(200) }],
    ])('meets %j: %s', async (behaviour, outcome, result) => {
      underTest = await remote(behaviour);
      expect(await underTest.channel.send(notificationOf(), FIRST_ATTEMPT, live)).toMatchObject({ outcome, ...result });
      expect(underTest.received()).toHaveLength(1);
    });

    it('is interrupted by the signal while it waits for the other side', async () => {
      underTest = await remote('hang');
      const abort = new AbortController();
      const reason = new Error('shutting down');
      const sending = underTest.channel.send(notificationOf(), FIRST_ATTEMPT, abort.signal);
      while (underTest.received().length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(reason);
      await expect(sending).rejects.toBe(reason);
    });
  });
}
