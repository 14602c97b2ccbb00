import type { Store } from '@plumbline/storage';
import type { Report } from '../report.js';
import { readRows } from './read-rows.js';

/** Judges that nothing was set aside that could be stored: of all that was acknowledged nothing is a dead letter. */
export async function judgeDeadLetters(store: Store, report: Report): Promise<void> {
  const rows = await readRows(store, 'SELECT dead_letter_id, reason, detail FROM dead_letter FINAL');
  const problems = rows.map(
    ([id, reason, detail]) => `${String(id)}: ${String(reason)}: ${String(detail).slice(0, 200)}`,
  );
  report.check('received = stored + dead letters: nothing acknowledged was set aside', problems);
}
