import { until } from '../support/until.js';
import type { NotificationReceiver } from './notification-receiver.js';
import { listAll, readMetrics } from './service-client.js';

/** An evaluation that looks at everything after a run takes seconds; a machine may be busy with other work. */
const QUIET_MS = 10 * 60_000;
/** Ticks after the last event: the first may have begun before it, the second may find windows that wait for their settle delay. */
const TICKS = 4;

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

/** Resolves when the receiver has heard of every alert what became of it, and every retraining was called for. */
export async function notified(url: string, receiver: NotificationReceiver): Promise<void> {
  await until(
    'the receiver to be told of every alert',
    async () => {
      const told = new Set<string>();
      for (const call of receiver.notifications) {
        if (call.answer !== 'ok') continue;
        for (const alert of (JSON.parse(call.body) as AlertBody).alerts)
          told.add(`${alert.fingerprint} ${alert.status}`);
      }
      const alerts = await listAll<{ alert_id: string; status: string }>(url, '/v1/alerts');
      return alerts.every(({ alert_id, status }) => told.has(`${alert_id} ${status}`)) ? true : undefined;
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
