import type { EventKind } from './plumbline-error.js';
import type { SpoolFile } from './spool-file.js';

/** Events of one kind that go out in one request. */
export interface Batch {
  readonly kind: EventKind;
  /** Place in the order of sending, from 1; 0 while it is open. The halves of a split one have its number. */
  number: number;
  /** JSON of each event; undefined while they are in the file only. */
  lines: string[] | undefined;
  /** Of the events; 0 for a file of an earlier process, until it has been read. */
  count: number;
  /** UTF-8 of the lines, with their ends. */
  sizeBytes: number;
  /** Where the events are kept too, when there is a spool. */
  readonly file: SpoolFile | undefined;
}
