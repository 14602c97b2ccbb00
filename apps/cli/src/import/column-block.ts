/** Values of one column; typed arrays where the file has them. */
export type ColumnValues = ArrayLike<unknown>;

/**
 * Consecutive rows of a file, held by column. `rowNumbers` has the number of each row in the file (1 is the first row of data;
 * of NDJSON it is the line); undefined when they are `firstRow`, `firstRow + 1`, ….
 */
export interface ColumnBlock {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly rowNumbers?: readonly number[];
  readonly columns: ReadonlyMap<string, ColumnValues>;
  /** Rows the reader could not read, which are in no column. */
  readonly faults: readonly RowFault[];
  /** Share of the file read so far, 0 to 1. */
  readonly progress: number;
}

/** Why a row was not imported. `reason` is a RejectionReason where the server could have said the same. */
export interface RowFault {
  readonly row: number;
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}
