import { Injectable } from '@nestjs/common';
import { listModels, Store } from '@plumbline/storage';

/** How long a model declared through another process may be unknown here. */
const STALE_AFTER_MS = 3_000;

/** Names of the registered models, for servers that refuse others. */
@Injectable()
export class KnownModels {
  private names = new Set<string>();
  private readAtMs = -Infinity;

  constructor(private readonly store: Store) {}

  /** Returns whether a model of the project is registered, as of at most three seconds ago. @throws StorageError */
  async of(project: string, nowMs: number): Promise<(model: string) => boolean> {
    if (nowMs - this.readAtMs > STALE_AFTER_MS) {
      this.names = new Set((await listModels(this.store)).map((known) => `${known.project}/${known.model}`));
      this.readAtMs = nowMs;
    }
    const { names } = this;
    return (model) => names.has(`${project}/${model}`);
  }

  /** So that a model can be used as soon as its declaration is acknowledged. */
  add(project: string, model: string): void {
    this.names.add(`${project}/${model}`);
  }
}
