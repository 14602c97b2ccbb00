import { StorageError } from '../storage-error.js';

/** What the engine could not read, with the column and the row (from 1, the header not counted) where it says so. */
export class UnreadableSourceError extends Error {
  override readonly name = 'UnreadableSourceError';
  readonly retryable = false;
  readonly reason = 'unreadable';
  constructor(
    message: string,
    readonly column: string | undefined,
    readonly row: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The engine's refusal of a file as an UnreadableSourceError; any other failure as it is. */
export function unreadable(error: unknown, column?: string): unknown {
  if (!(error instanceof StorageError) || error.reason !== 'rejected') return error;
  const row = /at row (\d+)/.exec(error.message)?.[1];
  const named = /Column \d+,\s+name: ([^,]+), [^\n]*\n(?:ERROR|.*garbage)/.exec(error.message)?.[1] ?? column;
  if (/cannot read rows from the data/i.test(error.message)) {
    return new UnreadableSourceError('the file has no rows', undefined, undefined, { cause: error });
  }
  const text = error.message
    .replace(/^[^:]*: /, '')
    .split('\n')[0]!
    .replace(/\(in file\/uri [^)]*\)/g, '')
    .slice(0, 300);
  return new UnreadableSourceError(text, named, row === undefined ? undefined : Number(row), { cause: error });
}
