import type { Store } from '@plumbline/storage';
import type { Call } from '../notification-receiver.js';
import type { Report } from '../report.js';
import { type InhibitedAlert, isExplained } from './explained.js';
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

/** Text columns of a query of the judge. */
async function readTexts(store: Store, sql: string): Promise<string[][]> {
  return (await readRows(store, sql)).map((row) => row.map(String));
}

/**
 * Judges what the receiver was told: each change is covered by one message or settled with a reason, each message it holds was made, and
 * in the end it believes of every alert what is true.
 */
export async function judgeNotifications(store: Store, calls: readonly Call[], report: Report): Promise<void> {
  const { bodies, problems } = distinctCalls(calls);
  report.check(
    'a repeated notification is the same notification',
    problems,
    `${calls.length} calls, ${bodies.size} keys`,
  );

  const decided = await readTexts(
    store,
    `SELECT transition_id, alert_id, to_status, model, version, method, severity FROM transition FINAL
     WHERE notifiable = 1 ORDER BY decided_at, window_end, revision`,
  );
  const alerts = new Map<string, InhibitedAlert & { readonly fires: boolean }>();
  for (const [, alertId, status, model, version, method, severity] of decided) {
    const fires = status !== 'inactive';
    const before = alerts.get(alertId!);
    const known = { model: model!, version: version!, method: method!, severity: severity! };
    alerts.set(alertId!, { ...(fires ? known : (before ?? known)), fires });
  }
  const firing = [...alerts.values()].filter(({ fires }) => fires);

  const coverings = await readTexts(
    store,
    `SELECT arrayJoin(transition_ids) AS id, notification_id FROM notification FINAL
     UNION ALL SELECT DISTINCT arrayJoin(transition_ids) AS id, delivery_id FROM delivery
     WHERE outcome = 'suppressed' AND delivery_id NOT IN (SELECT notification_id FROM notification)`,
  );
  const covered = new Map<string, string[]>();
  for (const [id, by] of coverings) covered.set(id!, [...(covered.get(id!) ?? []), by!]);
  const wrong: string[] = [];
  let explained = 0;
  for (const [id, alertId, status] of decided) {
    const by = covered.get(id!) ?? [];
    covered.delete(id!);
    const alert = alerts.get(alertId!)!;
    if (by.length === 0 && alert.fires && isExplained(alert, firing)) explained++;
    else if (by.length !== 1)
      wrong.push(`transition ${id} of alert ${alertId} to ${status} is covered by ${by.length} messages`);
  }
  for (const [id, by] of covered) wrong.push(`transition ${id}, covered by ${by.join()}, was never decided`);
  report.check(
    'every change is covered by one message, or by a reason for none',
    wrong,
    `${decided.length} changes, ${explained} of alerts that follow from others`,
  );

  const made = await readTexts(store, 'SELECT notification_id, group_key, position, told FROM notification FINAL');
  const last = new Map<string, { readonly id: string; readonly position: number }>();
  const positions = new Map<string, number>();
  const told = new Set<string>();
  for (const [id, group, position, says] of made) {
    positions.set(id!, Number(position));
    if (Number(position) > (last.get(group!)?.position ?? 0)) last.set(group!, { id: id!, position: Number(position) });
    for (const { alertId } of JSON.parse(says!) as { alertId: string }[]) told.add(alertId);
  }
  const unsettled = [...last].filter(([, { id }]) => !bodies.has(id)).map(([group, { id }]) => `${id} of ${group}`);
  report.check('the last message of every group arrived', unsettled, `${last.size} groups`);

  const beliefs = new Map<string, { readonly position: number; readonly status: string }>();
  const foreign: string[] = [];
  const known = new Set(decided.map(([id]) => id!));
  for (const [id, body] of bodies) {
    const position = positions.get(id);
    if (position === undefined) foreign.push(`message ${id} was never made`);
    for (const { transition_id, fingerprint, status } of (JSON.parse(body) as NotificationBody).alerts) {
      if (!known.has(transition_id)) foreign.push(`message ${id} tells of ${transition_id}, which was never decided`);
      if ((position ?? 0) > (beliefs.get(fingerprint)?.position ?? 0)) {
        beliefs.set(fingerprint, { position: position!, status });
      }
    }
  }
  report.check('nothing is told that was not decided', foreign, `${bodies.size} messages`);
  const mistaken: string[] = [];
  for (const [alertId, { fires }] of alerts) {
    if (!told.has(alertId)) continue;
    const believed = beliefs.get(alertId)?.status ?? 'nothing';
    if (believed !== (fires ? 'firing' : 'resolved')) {
      mistaken.push(`alert ${alertId} ${fires ? 'fires' : 'is over'}, and the receiver believes ${believed}`);
    }
  }
  report.check('the receiver believes of every alert what is true', mistaken, `${told.size} of ${alerts.size} alerts`);
}

/** Judges the calls to the pipeline: each run once per key, and one run for an episode. */
export async function judgeRetraining(store: Store, calls: readonly Call[], report: Report): Promise<void> {
  const { bodies, problems } = distinctCalls(calls);
  const runs = await readRows(
    store,
    `SELECT r.run_id, r.model, r.policy, r.alert_ids, e.status FROM retraining_run AS r FINAL
     LEFT JOIN (
       SELECT project, run_id, toString(argMax(to_status, rank)) AS status FROM retraining_event FINAL GROUP BY project, run_id
     ) AS e ON e.project = r.project AND e.run_id = r.run_id`,
  );
  const ofAlert = new Map<string, string>();
  for (const [runId, model, policy, alertIds, status] of runs) {
    const id = String(runId);
    if (!bodies.has(id)) problems.push(`run ${id} was never called for`);
    if (status !== 'triggered') problems.push(`run ${id} is ${String(status) || 'requested'}`);
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
