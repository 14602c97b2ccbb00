import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Aligned by its digits, at the right. */
  readonly numeric?: boolean;
  /** The cell that names the row; one column at most. */
  readonly rowHeader?: boolean;
  /** `hide`: the column is left out on a phone. */
  readonly narrow?: 'hide';
}

export interface DataTableProps<Row> {
  /** What the table is of. */
  readonly caption: string;
  /** The caption is for readers of the screen only, as where a heading says the same. */
  readonly captionHidden?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** What stands in place of rows. */
  readonly empty?: ComponentChildren;
  /** On a phone each row is a card; otherwise the table scrolls inside itself. */
  readonly stack?: boolean;
}

/** A table that never makes the page wider than the screen. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, captionHidden = false, columns, rows, rowKey, empty = 'Nothing to show.', stack = false } = props;
  if (rows.length === 0) return <div class="empty-rows">{empty}</div>;
  return (
    // In the order of the keyboard, so that who has no mouse can scroll it.
    <div class="table-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table class={stack ? 'table stack' : 'table'}>
        <caption class={captionHidden ? 'visually-hidden' : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.header} scope="col" class={classOf(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) =>
                column.rowHeader === true ? (
                  <th key={column.header} scope="row" class={classOf(column)} data-label={column.header}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.header} class={classOf(column)} data-label={column.header}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<Row>({ numeric, narrow }: Column<Row>): string | undefined {
  const classes = [numeric === true ? 'numeric' : '', narrow === 'hide' ? 'narrow-hide' : ''].filter(Boolean);
  return classes.length === 0 ? undefined : classes.join(' ');
}
