/** Why the store failed: a closed set, also the label of a metric. */
export type StorageFailure = 'unavailable' | 'rejected' | 'locked' | 'migration' | 'damaged';

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
 * ClickHouse error codes that pass by themselves or with an operator's help, and say nothing against the rows. All other codes
 * are `rejected`, for which the ingester gives rows up; so what is doubtful belongs here.
 */
const RETRYABLE_CODES = new Set([
  // Disk: full, failing, or out of file handles; 1001 is how a full disk shows outside of a write.
  ...['74', '75', '76', '243', '1000', '1001'],
  // Time, memory, threads, parts, queries, cancellation, a server that stops.
  ...['159', '173', '202', '203', '236', '241', '252', '394', '425', '439', '473'],
  // Network and connections between servers.
  ...['198', '209', '210', '279'],
  // An overloaded server, a quota, sessions, object storage.
  ...['201', '373', '499', '700', '745'],
  // Settings that the server does not know or forbids: they are ours, so nothing is wrong with the rows.
  ...['115', '452'],
  // Keeper, replicas and quorums.
  ...['225', '242', '285', '286', '289', '319', '341', '999'],
  // Users, rights and read-only servers; a database or table that is not there: the statement is ours, so migrations were not run.
  ...['60', '81', '164', '192', '193', '194', '497', '516'],
]);

/** Codes that a short pause cures: another insert under a quorum, or a replica that lags behind one. */
const PASSING_CODES = new Set(['286', '289', '319']);

/** Code of the engine's exception, as text; undefined when the failure is not the engine's. */
export function engineCode(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^\d+$/.test(code) ? code : undefined;
}

/** Whether the same statement should be sent again at once: the way to the server failed, or a quorum was busy. */
export function isPassing(cause: unknown): boolean {
  const code = engineCode(cause);
  return code === undefined || PASSING_CODES.has(code);
}

/**
 * Returns the failure as a StorageError, naming the statement and whether trying again can help.
 * @param address of the server, for failures of the way to it
 */
export function storageError(name: string, cause: unknown, address?: string): StorageError {
  if (cause instanceof StorageError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = engineCode(cause);
  const retryable = code === undefined || RETRYABLE_CODES.has(code) || /no space left on device/i.test(message);
  const reason: StorageFailure = retryable ? 'unavailable' : 'rejected';
  const text = code === undefined && address !== undefined ? describeWay(cause, message, address) : message;
  return new StorageError(`${name}: ${text.slice(0, 2000)}`, reason, retryable, { cause });
}

/** Says what failed between us and the server, and what to look at. */
function describeWay(cause: unknown, message: string, address: string): string {
  const code = (cause as { code?: unknown } | null)?.code;
  const server = `the ClickHouse server at ${address}`;
  if (code === 'ECONNREFUSED') return `${server} refuses connections: is it up, and is clickhouse.url right?`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the name of ${server} is not known: is clickhouse.url right?`;
  if (/timeout error/i.test(message)) {
    return `${server} did not answer within clickhouse.requestTimeout; whether the statement was run is not known`;
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || /socket hang up|aborted|terminated/i.test(message)) {
    return `the connection to ${server} was lost before it answered; whether the statement was run is not known`;
  }
  return `${server} gave no answer of ClickHouse: ${message.trim() === '' ? 'an empty one' : message}`;
}
