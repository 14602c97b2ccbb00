import { AsyncLocalStorage } from 'node:async_hooks';

const requestIds = new AsyncLocalStorage<string>();

/** Runs the function; everything it starts, awaited or not, logs under this id. Returns what the function returns. */
export function runWithRequestId<T>(requestId: string, work: () => T): T {
  return requestIds.run(requestId, work);
}

/** The id of the request that is being worked on, if any. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}
