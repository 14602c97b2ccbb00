/**
 * Reads for many who ask at the same time at once: what is asked for while a read runs waits for the next one, so that nobody gets what
 * was read before they asked.
 */
export class BatchedReads<K, V> {
  private waiting = new Map<
    string,
    { readonly key: K; readonly resolve: ((value: V) => void)[]; readonly reject: ((error: unknown) => void)[] }
  >();
  private running = false;

  constructor(
    private readonly idOf: (key: K) => string,
    /** Returns what belongs to each key, in their order. */
    private readonly read: (keys: readonly K[]) => Promise<readonly V[]>,
    private readonly maxKeys: number,
  ) {}

  async load(key: K): Promise<V> {
    return new Promise<V>((resolve, reject) => {
      const id = this.idOf(key);
      const entry = this.waiting.get(id) ?? { key, resolve: [], reject: [] };
      entry.resolve.push(resolve);
      entry.reject.push(reject);
      this.waiting.set(id, entry);
      // Who asks in the same turn shares the first read too.
      if (!this.running) {
        this.running = true;
        setImmediate(() => void this.work());
      }
    });
  }

  private async work(): Promise<void> {
    while (this.waiting.size > 0) {
      const batch = [...this.waiting].slice(0, this.maxKeys);
      for (const [id] of batch) this.waiting.delete(id);
      try {
        const values = await this.read(batch.map(([, { key }]) => key));
        batch.forEach(([, { resolve }], i) => resolve.forEach((each) => each(values[i]!)));
      } catch (error) {
        for (const [, { reject }] of batch) for (const each of reject) each(error);
      }
    }
    this.running = false;
  }
}
