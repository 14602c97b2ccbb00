import type { Store } from '@plumbline/storage';
import type { Oracle } from '../oracle.js';
import type { Report } from '../report.js';
import { trafficModels } from '../traffic.js';
import { PROJECT, readRows } from './read-rows.js';

/** Judges the labels: of each prediction the one that holds is the last correction that was sent, and nothing else is stored. */
export async function judgeLabels(
  store: Store,
  oracle: Pick<Oracle, 'labelsUpTo' | 'labelOf'>,
  report: Pick<Report, 'check'>,
): Promise<void> {
  const wrong: string[] = [];
  let count = 0;
  for (const [model, { name }] of trafficModels.entries()) {
    const rows = await readRows(
      store,
      `SELECT prediction_id, label, toUnixTimestamp64Milli(timestamp) FROM label FINAL
       WHERE project = {project:String} AND model = {model:String}`,
      { project: PROJECT, model: name },
    );
    const stored = new Map(
      rows.map(([id, label, timestampMs]) => [String(id), `${String(label)} at ${Number(timestampMs)}`]),
    );
    if (stored.size !== rows.length) wrong.push(`${name}: ${rows.length - stored.size} ids have two labels`);
    for (let index = 0; index < oracle.labelsUpTo(model); index++) {
      const wanted = oracle.labelOf(model, index);
      if (wanted === undefined) continue;
      const found = stored.get(wanted.predictionId);
      const text = `${wanted.label} at ${wanted.timestampMs}`;
      if (found !== text) wrong.push(`${wanted.predictionId}: stored is ${found ?? 'nothing'}, sent was ${text}`);
      stored.delete(wanted.predictionId);
      count++;
    }
    wrong.push(...[...stored.keys()].map((id) => `${name}/${id}: stored and never sent`));
  }
  report.check('every prediction has the label that was sent last, and no other', wrong, `${count} labels`);
}
