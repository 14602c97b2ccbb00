import { recordKey } from '@plumbline/contracts';
import { findModels, type ModelKey, type Store } from '@plumbline/storage';

/** Which models are registered, for servers that take no others. A model that was registered once stays so. */
export class RegisteredModels {
  private readonly known = new Set<string>();

  constructor(private readonly store: Store) {}

  /** Returns the keys of those that are not registered. @throws StorageError */
  async missing(models: ReadonlyMap<string, ModelKey>): Promise<ReadonlySet<string>> {
    const unseen = [...models].filter(([key]) => !this.known.has(key));
    for (const { project, model } of await findModels(
      this.store,
      unseen.map(([, model]) => model),
    )) {
      this.known.add(recordKey(project, model));
    }
    return new Set(unseen.map(([key]) => key).filter((key) => !this.known.has(key)));
  }
}
