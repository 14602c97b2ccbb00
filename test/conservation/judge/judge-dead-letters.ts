import type { Store } from '@plumbline/storage';
import type { SentPoison } from '../kafka-sender.js';
import type { Report } from '../report.js';
import { readRows } from './read-rows.js';

/**
 * Judges what was set aside: each message that was no event exactly once, and nothing else. Not even where the clock was moved, since an
 * event is judged by when it was received.
 */
export async function judgeDeadLetters(
  store: Store,
  poison: readonly SentPoison[],
  report: Pick<Report, 'check'>,
): Promise<void> {
  const rows = await readRows(
    store,
    'SELECT dead_letter_id, source, model, prediction_id, reason, detail, encoding, payload FROM dead_letter FINAL',
  );
  const problems: string[] = [];
  const counts = new Map<string, number>();
  for (const [id, source, model, predictionId, reason, detail, encoding, payload] of rows.map((row) =>
    row.map(String),
  )) {
    const text = encoding === 'base64' ? Buffer.from(payload!, 'base64').toString('latin1') : payload!;
    const token = /poison-\d+/.exec(text)?.[0];
    if (token !== undefined) {
      const key = `${source}/${token}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
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
    `${poison.length} messages`,
  );
}
