import { type LabelEvent, recordKey } from '@plumbline/contracts';
import {
  findHoursOfPredictions,
  type HourMark,
  insertLabels,
  markHoursDirty,
  type ModelKey,
  type Store,
} from '@plumbline/storage';
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
    await this.registry.get(modelsOf(labels), now());
    const hours: (ModelKey & { readonly hourMs: number })[] = [];
    for (let i = 0; i < labels.length; i += IDS_PER_QUERY) {
      hours.push(...(await findHoursOfPredictions(this.store, labels.slice(i, i + IDS_PER_QUERY))));
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

function modelsOf(labels: readonly LabelEvent[]): ModelKey[] {
  return [...new Map(labels.map(({ project, model }) => [recordKey(project, model), { project, model }])).values()];
}
