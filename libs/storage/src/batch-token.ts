import { createHash } from 'node:crypto';

/** Token of an insert whose rows are its identity: the same rows are inserted once. */
export function batchToken(table: string, rows: readonly object[]): string {
  return `${table}:${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`;
}
