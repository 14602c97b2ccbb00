import type { ModelKey } from '@plumbline/storage';
import type { StreamBatch } from '@plumbline/stream';

/**
 * Says when a model comes to this process: another one may have owned it before, so what is remembered of it from an earlier time
 * may have become wrong.
 */
export class OwnedModels {
  private readonly partitions = new Map<number, { readonly ownership: string; readonly keys: Set<string> }>();

  /** Returns the models among these that were not taken since the partition came to this process. */
  newcomers(
    { partition, ownership }: Pick<StreamBatch<unknown>, 'partition' | 'ownership'>,
    models: ReadonlyMap<string, ModelKey>,
  ): readonly ModelKey[] {
    let owned = this.partitions.get(partition);
    if (owned?.ownership !== ownership) this.partitions.set(partition, (owned = { ownership, keys: new Set() }));
    const { keys } = owned;
    const newcomers = [...models].filter(([key]) => !keys.has(key));
    for (const [key] of newcomers) keys.add(key);
    return newcomers.map(([, model]) => model);
  }
}
