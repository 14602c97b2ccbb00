import type { Store } from '@plumbline/storage';
import type { SentPoison } from '../kafka-sender.js';
import type { Oracle } from '../oracle.js';
import type { Report } from '../report.js';
import { trafficModels } from '../traffic.js';
import { readRows } from './read-rows.js';

/** Events of ours that were set aside, as `model/prediction id`. */
export type SetAside = ReadonlySet<string>;

/**
 * Judges what was set aside: each message that was no event exactly once, and of the events nothing that could be stored. Returns
 * the events among them: where the clock was moved, one may lie in the future when it is stored.
 */
export async function judgeDeadLetters(
  store: Store,
  oracle: Pick<Oracle, 'issuedOf' | 'traffic'>,
  poison: readonly SentPoison[],
  report: Pick<Report, 'check'>,
): Promise<SetAside> {
  const rows = await readRows(
    store,
    'SELECT dead_letter_id, source, model, prediction_id, reason, detail, encoding, payload FROM dead_letter FINAL',
  );
  const problems: string[] = [];
  const counts = new Map<string, number>();
  const events = new Set<string>();
  const ids = idsOf(oracle);
  for (const [id, source, model, predictionId, reason, detail, encoding, payload] of rows.map((row) =>
    row.map(String),
  )) {
    const text = encoding === 'base64' ? Buffer.from(payload!, 'base64').toString('latin1') : payload!;
    const token = /poison-\d+/.exec(text)?.[0];
    if (token !== undefined) {
      const key = `${source}/${token}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    } else if (reason === 'too_far_in_the_future' && ids.has(`${model}/${predictionId}`)) {
      events.add(`${model}/${predictionId}`);
    } else {
      problems.push(`${id} (${source}, ${model}/${predictionId}) was set aside: ${reason}: ${detail!.slice(0, 200)}`);
    }
  }
  for (const { token, topic, acknowledged } of poison) {
    const count = counts.get(`${topic}/${token}`) ?? 0;
    if (count > 1 || (acknowledged && count === 0)) problems.push(`${token} in ${topic} became ${count} dead letters`);
    counts.delete(`${topic}/${token}`);
  }
  for (const key of counts.keys()) problems.push(`${key} is a dead letter and was never sent`);
  report.check(
    'each message that is no event became one dead letter, and nothing else did',
    problems,
    `${poison.length} messages, ${events.size} events of models without times beyond the clock`,
  );
  return events;
}

/** Ids of the models whose events take their time from the clock. */
function idsOf(oracle: Pick<Oracle, 'issuedOf' | 'traffic'>): Set<string> {
  const ids = new Set<string>();
  for (const [model, { name, timed }] of trafficModels.entries()) {
    if (timed) continue;
    for (let index = 0; index < oracle.issuedOf(model); index++) {
      ids.add(`${name}/${oracle.traffic.prediction(model, index).id}`);
    }
  }
  return ids;
}
