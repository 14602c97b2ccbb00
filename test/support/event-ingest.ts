import { type PredictionEvent, PredictionColumnsBuilder } from '@plumbline/contracts';
import type { ModelRegistry } from '../../apps/ingester/src/model-registry.js';
import { type IngestResult, PredictionIngest, type SetAside } from '../../apps/ingester/src/prediction-ingest.js';

const refuseNone: SetAside = async (refused) => {
  throw new Error(`the engine refused ${refused.length} predictions: ${refused[0]?.detail}`);
};

/** Ingest of predictions that are given as events, a few in each of several columns. */
export class EventIngest {
  private readonly predictions: PredictionIngest;

  constructor(store: ConstructorParameters<typeof PredictionIngest>[0], registry: ModelRegistry) {
    this.predictions = new PredictionIngest(store, registry);
  }

  async ingest(
    events: readonly PredictionEvent[],
    identity: string,
    nowMs: number,
    setAside = refuseNone,
  ): Promise<IngestResult> {
    const builder = new PredictionColumnsBuilder({ maxRows: 50, maxBytes: Infinity });
    for (const event of events) builder.add(event, 1);
    const batch = builder.take().map(({ columns }) => columns);
    return this.predictions.ingest(batch, identity, nowMs, setAside);
  }

  forgetMarks(project: string, model: string): void {
    this.predictions.forgetMarks(project, model);
  }
}
