import type { LabelEvent } from '@plumbline/contracts';
import { findHoursOfPredictions, type HourMark, insertLabels, markHoursDirty, type Store } from '@plumbline/storage';
import type { ModelRegistry } from './model-registry.js';

/** A query with more ids than this is split: parameters are text that the engine must parse. */
const IDS_PER_QUERY = 10_000;

/**
 * Writes labels and marks the hours of their predictions, whose performance cells are then rebuilt. A label whose prediction
 * is not there yet waits in the table: the prediction marks its own hour when it comes.
 */
export class LabelIngest {
  constructor(
    private readonly store: Store,
    private readonly registry: ModelRegistry,
  ) {}

  /** @param identity of exactly these labels, the same on each delivery of them */
  async ingest(labels: readonly LabelEvent[], identity: string, now: () => number): Promise<void> {
    const hours: { readonly project: string; readonly model: string; readonly hourMs: number }[] = [];
    for (const { project, model, ids } of idsByModel(labels)) {
      await this.registry.get(project, model, now());
      for (let i = 0; i < ids.length; i += IDS_PER_QUERY) {
        const found = await findHoursOfPredictions(this.store, project, model, ids.slice(i, i + IDS_PER_QUERY));
        hours.push(...found.map((hourMs) => ({ project, model, hourMs })));
      }
    }
    const mark = async (): Promise<void> => {
      const touchedAtMs = now();
      const marks = hours.map((hour): HourMark => ({ ...hour, aspect: 'label', touchedAtMs }));
      await markHoursDirty(this.store, marks, `${identity}:${touchedAtMs}`);
    };
    // Before, so that a crash leaves no label without a mark; after, because a reconcile in between has used up the first.
    await mark();
    await insertLabels(this.store, labels, identity);
    await mark();
  }
}

function idsByModel(labels: readonly LabelEvent[]): { project: string; model: string; ids: string[] }[] {
  const groups = new Map<string, { project: string; model: string; ids: string[] }>();
  for (const { project, model, predictionId } of labels) {
    const key = `${project}/${model}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { project, model, ids: [predictionId] });
    else group.ids.push(predictionId);
  }
  return [...groups.values()];
}
