import type { WriteStream } from 'node:fs';
import type { RowFault } from './column-block.js';

export interface RejectionGroup {
  readonly reason: string;
  readonly field: string;
  readonly count: number;
  /** The first few. */
  readonly rows: readonly number[];
  /** Of the first. */
  readonly message: string;
}

const ROWS_PER_GROUP = 5;
const MAX_GROUPS = 50;

/** Counts rejected rows by reason and field, in memory that does not grow with them; `file` gets each as a line of JSON. */
export class RejectionLog {
  private readonly byKey = new Map<
    string,
    { reason: string; field: string; count: number; rows: number[]; message: string }
  >();
  private total = 0;

  constructor(private readonly file?: WriteStream) {}

  get count(): number {
    return this.total;
  }

  /** Most frequent first. */
  get groups(): readonly RejectionGroup[] {
    return [...this.byKey.values()].sort((a, b) => b.count - a.count);
  }

  add(fault: RowFault): void {
    this.total += 1;
    this.file?.write(`${JSON.stringify(fault)}\n`);
    // Field names come from the file, so there may be as many as rows.
    const known = this.byKey.has(`${fault.reason} ${fault.field}`) || this.byKey.size < MAX_GROUPS;
    const field = known ? fault.field : '';
    const key = `${fault.reason} ${field}`;
    const group = this.byKey.get(key);
    if (group === undefined) {
      this.byKey.set(key, { reason: fault.reason, field, count: 1, rows: [fault.row], message: fault.message });
      return;
    }
    group.count += 1;
    if (group.rows.length < ROWS_PER_GROUP) group.rows.push(fault.row);
  }

  /** Counts events that the server rejected without naming them: it names the first 1 000 of a request. */
  addUnlisted(count: number): void {
    this.total += count;
  }
}
