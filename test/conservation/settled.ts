import { until } from '../support/until.js';
import type { NotificationReceiver } from './notification-receiver.js';
import { type InhibitedAlert, isExplained } from './judge/explained.js';
import { listAll, readMetrics } from './service-client.js';

/** An evaluation that looks at everything after a run takes seconds; a machine may be busy with other work. */
const QUIET_MS = 10 * 60_000;
/** Ticks after the last event: the first may have begun before it, the second may find windows that wait for their settle delay. */
const TICKS = 4;

/** For so long nothing may be missing: five times what an alerter waits before it looks for what it was not woken for (`serviceSettings`). */
const SETTLED_MS = 10_000;

/** What a receiver was told of an alert. */
interface AlertBody {
  readonly alerts: readonly { readonly fingerprint: string; readonly status: 'firing' | 'resolved' }[];
}

/** Resolves when every evaluator has ticked over all that came. To be called once everything is acknowledged. */
export async function evaluated(evaluatorUrls: readonly string[]): Promise<void> {
  await Promise.all(
    evaluatorUrls.map(async (url) => {
      const ticks = async (): Promise<number> =>
        (await readMetrics(url))('plumbline_evaluation_duration_seconds_count');
      const before = await ticks();
      await until(
        'ticks of the evaluator',
        async () => ((await ticks()) >= before + TICKS ? true : undefined),
        QUIET_MS,
      );
      const sinceSeconds = Date.now() / 1000;
      const success = 'plumbline_evaluation_last_success_timestamp_seconds';
      await until(
        'a tick that did all its work',
        async () => ((await readMetrics(url))(success) >= sinceSeconds ? true : undefined),
        QUIET_MS,
      );
    }),
  );
}

/**
 * Resolves when the receiver has heard of every alert what became of it, but for those that nobody is told of because they follow from
 * another one, and every retraining was called for.
 */
export async function notified(url: string, receiver: NotificationReceiver): Promise<void> {
  let missingAtMs = performance.now();
  await until(
    'the receiver to be told of every alert',
    async () => {
      const told = new Set<string>();
      for (const call of receiver.notifications) {
        if (call.answer !== 'ok') continue;
        for (const alert of (JSON.parse(call.body) as AlertBody).alerts)
          told.add(`${alert.fingerprint} ${alert.status}`);
      }
      const alerts = await listAll<InhibitedAlert & { alert_id: string; status: string }>(url, '/v1/alerts');
      const firing = alerts.filter(({ status }) => status === 'firing');
      const waiting = await listAll(url, '/v1/notifications?outcome=waiting');
      const isMissing = (alert: (typeof alerts)[number]): boolean => {
        if (told.has(`${alert.alert_id} ${alert.status}`)) return false;
        // Whether one that is over and was never told was settled is for the judge to say.
        return alert.status === 'firing' ? !isExplained(alert, firing) : told.has(`${alert.alert_id} firing`);
      };
      if (waiting.length > 0 || alerts.some(isMissing)) missingAtMs = performance.now();
      return performance.now() - missingAtMs > SETTLED_MS ? true : undefined;
    },
    QUIET_MS,
  );
  await until(
    'every retraining to be called for',
    async () => {
      const runs = await listAll<{ status: string }>(url, '/v1/retraining-runs');
      return runs.some(({ status }) => status === 'requested') ? undefined : true;
    },
    QUIET_MS,
  );
}
