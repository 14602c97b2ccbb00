import { type LabelEvent, recordKey } from '@plumbline/contracts';
import {
  findHoursOfPredictions,
  type HourMark,
  insertLabels,
  markHoursDirty,
  type ModelKey,
  StorageError,
  type Store,
} from '@plumbline/storage';
import type { ModelRegistry } from './model-registry.js';

/** A query with more ids than this is split: parameters are text that the engine must parse. */
const IDS_PER_QUERY = 10_000;

/** A label that the engine does not take, with what it says. */
export interface RefusedLabel {
  readonly event: LabelEvent;
  readonly detail: string;
}

/**
 * Writes labels and marks the hours of their predictions, whose performance cells are then rebuilt. A label whose prediction
 * is not there yet waits in the table: the prediction marks its own hour when it comes.
 */
export class LabelIngest {
  constructor(
    private readonly store: Store,
    private readonly registry: ModelRegistry,
  ) {}

  /**
   * Returns the labels that the engine refused; the others are durable.
   * @param identity of exactly these labels, the same on each delivery of them
   */
  async ingest(labels: readonly LabelEvent[], identity: string, now: () => number): Promise<readonly RefusedLabel[]> {
    await this.registry.get(modelsOf(labels), now());
    // Before, so that a crash leaves no label without a mark; after, because a reconcile in between has used up the first mark,
    // and because a prediction that came in between was not found the first time.
    await this.mark(labels, identity, now());
    const refused = await this.insert(labels, identity);
    await this.mark(labels, identity, now());
    return refused;
  }

  /** Inserts the labels, halving a refused batch down to the labels at fault, which it returns. */
  private async insert(labels: readonly LabelEvent[], identity: string): Promise<RefusedLabel[]> {
    try {
      await insertLabels(this.store, labels, identity);
      return [];
    } catch (error) {
      if (!(error instanceof StorageError) || error.reason !== 'rejected') throw error;
      if (labels.length === 1) return [{ event: labels[0]!, detail: error.message }];
      const half = labels.length >> 1;
      return [
        ...(await this.insert(labels.slice(0, half), `${identity}:l`)),
        ...(await this.insert(labels.slice(half), `${identity}:r`)),
      ];
    }
  }

  private async mark(labels: readonly LabelEvent[], identity: string, nowMs: number): Promise<void> {
    const marks: HourMark[] = [];
    for (let i = 0; i < labels.length; i += IDS_PER_QUERY) {
      const hours = await findHoursOfPredictions(this.store, labels.slice(i, i + IDS_PER_QUERY));
      marks.push(...hours.map((hour): HourMark => ({ ...hour, aspect: 'label', touchedAtMs: nowMs })));
    }
    await markHoursDirty(this.store, marks, `${identity}:${nowMs}`);
  }
}

function modelsOf(labels: readonly LabelEvent[]): ModelKey[] {
  return [...new Map(labels.map(({ project, model }) => [recordKey(project, model), { project, model }])).values()];
}
