import type { Store } from '@plumbline/storage';
import type { Call } from '../notification-receiver.js';
import type { Report } from '../report.js';
import { readRows } from './read-rows.js';

interface NotificationBody {
  readonly alerts: readonly { readonly fingerprint: string; readonly status: string; readonly transition_id: string }[];
}

/** What a receiver that honours idempotency keys is left with: the first call of each key, and what contradicts it. */
export function distinctCalls(calls: readonly Call[]): {
  readonly bodies: Map<string, string>;
  readonly problems: string[];
} {
  const bodies = new Map<string, string>();
  const problems: string[] = [];
  for (const { id, body, answer } of calls) {
    if (answer !== 'ok') continue;
    const known = bodies.get(id);
    if (known === undefined) bodies.set(id, body);
    else if (known !== body)
      problems.push(`${id} came with two bodies: ${known.slice(0, 200)} and ${body.slice(0, 200)}`);
  }
  return { bodies, problems };
}

/** Judges what the receiver was told: each change once per key, each firing with its end, and nothing that was not decided. */
export async function judgeNotifications(store: Store, calls: readonly Call[], report: Report): Promise<void> {
  const { bodies, problems } = distinctCalls(calls);
  report.check(
    'a repeated notification is the same notification',
    problems,
    `${calls.length} calls, ${bodies.size} keys`,
  );

  const told = new Map<string, string[]>();
  const statuses = new Map<string, Set<string>>();
  for (const [id, body] of bodies) {
    for (const { transition_id, fingerprint, status } of (JSON.parse(body) as NotificationBody).alerts) {
      told.set(transition_id, [...(told.get(transition_id) ?? []), id]);
      statuses.set(fingerprint, (statuses.get(fingerprint) ?? new Set()).add(status));
    }
  }
  const decided = await readRows(
    store,
    'SELECT transition_id, alert_id, to_status FROM transition FINAL WHERE notifiable = 1',
  );
  const wrong: string[] = [];
  for (const [id, alertId, status] of decided.map((row) => row.map(String))) {
    const keys = told.get(id!) ?? [];
    if (keys.length !== 1)
      wrong.push(`transition ${id} of alert ${alertId} to ${status} was told under ${keys.length} keys`);
    told.delete(id!);
  }
  for (const [id, keys] of told) wrong.push(`transition ${id}, told under ${keys.join()}, was never decided`);
  report.check('every change is told under one key', wrong, `${decided.length} changes`);

  const resolved = decided.filter(([, , status]) => status === 'inactive').map(([, alertId]) => String(alertId));
  report.check(
    'every resolved alert was told as firing and as resolved',
    resolved.filter((alertId) => !['firing', 'resolved'].every((status) => statuses.get(alertId)?.has(status))),
    `${new Set(resolved).size} alerts`,
  );
}

/** Judges the calls to the pipeline: each run once per key, and one run for an episode. */
export async function judgeRetraining(store: Store, calls: readonly Call[], report: Report): Promise<void> {
  const { bodies, problems } = distinctCalls(calls);
  const runs = await readRows(store, 'SELECT run_id, model, policy, alert_ids, status FROM retraining_run FINAL');
  const ofAlert = new Map<string, string>();
  for (const [runId, model, policy, alertIds, status] of runs) {
    const id = String(runId);
    if (!bodies.has(id)) problems.push(`run ${id} was never called for`);
    if (status !== 'triggered') problems.push(`run ${id} is ${String(status)}`);
    bodies.delete(id);
    for (const alertId of alertIds as string[]) {
      const key = `${String(model)}/${String(policy)}/${alertId}`;
      const other = ofAlert.get(key);
      if (other !== undefined) problems.push(`runs ${other} and ${id} are both of alert ${alertId}`);
      ofAlert.set(key, id);
    }
  }
  for (const id of bodies.keys()) problems.push(`call ${id} belongs to no run`);
  report.check('retraining was called for once per episode', problems, `${calls.length} calls, ${runs.length} runs`);
}
