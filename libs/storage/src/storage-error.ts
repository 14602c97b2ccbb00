/** Why the store failed: a closed set, also the label of a metric. */
export type StorageFailure = 'unavailable' | 'rejected' | 'locked' | 'migration';

/** A failure of the engine or of the way to it. `retryable` means: the same statement may succeed later. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  constructor(
    message: string,
    readonly reason: StorageFailure,
    readonly retryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * ClickHouse error codes that pass by themselves or with an operator's help, and say nothing against the rows: time-outs, memory,
 * threads, disk space, too many parts or queries, cancellation, keeper, network. All other codes are `rejected`, for which the
 * ingester gives rows up.
 */
const RETRYABLE_CODES = new Set(
  '75 159 173 198 202 203 209 210 225 236 241 242 243 252 279 285 286 319 394 425 439 999'.split(' '),
);

/** Returns the failure as a StorageError, naming the statement and whether trying again can help. */
export function storageError(name: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = (cause as { code?: unknown } | null)?.code;
  const fromEngine = typeof code === 'string' && /^\d+$/.test(code);
  const retryable = fromEngine ? RETRYABLE_CODES.has(code) : true;
  const reason: StorageFailure = fromEngine && !retryable ? 'rejected' : 'unavailable';
  return new StorageError(`${name}: ${message.slice(0, 2000)}`, reason, retryable, { cause });
}
