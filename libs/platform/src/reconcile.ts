import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { recordKey } from '@plumbline/contracts';
import { findFinishedReconciliations, type ModelKey, type Store } from '@plumbline/storage';
import { type EventStream, StreamStoppedError } from '@plumbline/stream';

/** The ingester did not get to a request in time: it is not lost, and will be done. */
export class ReconcileTimeoutError extends Error {
  override readonly name = 'ReconcileTimeoutError';
  readonly retryable = true;
  readonly reason = 'unsettled';
}

/**
 * Asks the owners of the models' cells to make them equal to raw rows, once every event acknowledged so far is stored. Returns the
 * ids of the requests that are under way, by `project/model`: none where publishing means handling.
 * @throws StreamOverloadedError, StreamUnavailableError, StreamStoppedError
 */
export async function requestReconcile(
  stream: EventStream,
  models: readonly ModelKey[],
): Promise<ReadonlyMap<string, string>> {
  const queued = stream.publishMeans === 'queued';
  const requests = new Map<string, string>();
  const records = models.map(({ project, model }) => {
    const key = recordKey(project, model);
    const base = { type: 'reconcile', project, model } as const;
    if (!queued) return { key, value: base, sizeBytes: 2 * key.length };
    const requestId = randomUUID();
    requests.set(key, requestId);
    return { key, value: { ...base, requestId }, sizeBytes: 2 * key.length };
  });
  // By way of the labels: they and the predictions are two queues, and a request stands behind both.
  await stream.publish('plumbline.labels', records);
  return requests;
}

export interface ReconcileOptions {
  readonly timeoutMs: number;
  /** Aborted: the wait ends with a StreamStoppedError. */
  readonly signal?: AbortSignal;
  /** Called from time to time while waiting, for who has to show that work goes on. */
  readonly onWait?: () => Promise<void> | void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Asks as `requestReconcile` does and resolves when it is done.
 * @throws ReconcileTimeoutError
 * @throws StorageError
 */
export async function reconcileModel(
  stream: EventStream,
  store: Store,
  { project, model }: ModelKey,
  { timeoutMs, signal, onWait }: ReconcileOptions,
): Promise<void> {
  const requestIds = [...(await requestReconcile(stream, [{ project, model }])).values()];
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; requestIds.length > 0; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    if ((await findFinishedReconciliations(store, requestIds)).size > 0) return;
    if (signal?.aborted === true) throw new StreamStoppedError();
    if (Date.now() > deadline) {
      throw new ReconcileTimeoutError(
        `the cells of ${model} were not made equal to its raw rows within ${Math.round(timeoutMs / 1000)} s: check that an ingester is running and how far it is behind, then try again`,
      );
    }
    await onWait?.();
    await delay(pauseMs);
  }
}
