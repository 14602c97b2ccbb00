import { recordKey } from '@plumbline/contracts';
import { requestReconcile } from '@plumbline/platform';
import { findFinishedReconciliations, type ModelKey, type Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';

/** A request to make a model's cells whole. */
interface Request {
  readonly requestId: string;
  readonly askedAtMs: number;
  finished: boolean;
}

/**
 * Which models' cells hold everything that was acknowledged before they were asked for. Asking and finding it done lie a tick
 * apart where the ingester is another process, so that one slow model, or a thousand, hold nobody up.
 */
export class Settlement {
  private readonly requests = new Map<string, Request>();

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
  ) {}

  /** Whether something is under way. */
  get waiting(): boolean {
    return this.requests.size > 0;
  }

  /** Looks which requests are finished, in one query. */
  async look(): Promise<void> {
    const open = [...this.requests.values()].filter(({ finished }) => !finished);
    const finished = await findFinishedReconciliations(
      this.store,
      open.map(({ requestId }) => requestId),
    );
    for (const request of open) request.finished = finished.has(request.requestId);
  }

  /** Undefined when nobody has asked; the instant as of which the cells are whole once that is done. */
  of(key: string): { readonly askedAtMs: number } | 'under way' | undefined {
    const request = this.requests.get(key);
    if (request === undefined) return undefined;
    return request.finished ? request : 'under way';
  }

  /** Returns true when asking means that it is done, and it is; false when it has to be asked for with `ask`. */
  async askNow(model: ModelKey): Promise<boolean> {
    if (this.stream.publishMeans === 'queued') return false;
    await requestReconcile(this.stream, [model]);
    return true;
  }

  /** Asks for all the models at once. */
  async ask(models: readonly ModelKey[], nowMs: number): Promise<void> {
    if (models.length === 0) return;
    const requests = await requestReconcile(this.stream, models);
    for (const { project, model } of models) {
      const key = recordKey(project, model);
      const requestId = requests.get(key);
      if (requestId !== undefined) this.requests.set(key, { requestId, askedAtMs: nowMs, finished: false });
    }
  }

  forget(key: string): void {
    this.requests.delete(key);
  }

  /** Forgets all but these models. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.requests.keys()) if (!keys.has(key)) this.requests.delete(key);
  }
}
