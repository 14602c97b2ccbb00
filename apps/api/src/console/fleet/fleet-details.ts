import { type FleetDetail, type FleetModel, readFleetDetails, type Store } from '@plumbline/storage';

/** About a kilobyte each. */
const MAX_KEPT = 10_000;

/** What the newest windows of models found: read where a window was evaluated since, and kept until one is. */
export class FleetDetails {
  /** By project and model, those that were asked for last at the end. */
  private readonly kept = new Map<string, { readonly evaluations: string; readonly detail: FleetDetail }>();

  constructor(
    private readonly store: Store,
    private readonly maxKept = MAX_KEPT,
  ) {}

  /** Returns a detail of each model, by name. @throws StorageError */
  async of(
    project: string,
    models: readonly Pick<FleetModel, 'model' | 'evaluations'>[],
  ): Promise<ReadonlyMap<string, FleetDetail>> {
    const keyOf = (model: string): string => JSON.stringify([project, model]);
    const details = new Map<string, FleetDetail>();
    for (const { model, evaluations } of models) {
      const kept = this.kept.get(keyOf(model));
      if (kept?.evaluations === evaluations) details.set(model, kept.detail);
    }
    const changed = models.map(({ model }) => model).filter((model) => !details.has(model));
    for (const [model, detail] of await readFleetDetails(this.store, project, changed)) details.set(model, detail);
    for (const { model, evaluations } of models) {
      const key = keyOf(model);
      this.kept.delete(key);
      this.kept.set(key, { evaluations, detail: details.get(model)! });
    }
    for (const key of this.kept.keys()) {
      if (this.kept.size <= this.maxKept) break;
      this.kept.delete(key);
    }
    return details;
  }
}
