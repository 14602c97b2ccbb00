const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LENGTHS_MS = [1, 2, 3, 4, 6, 8, 12, 24, 48, 168, 336].map((hours) => hours * HOUR_MS);

export interface TimeGrid {
  readonly startMs: number;
  readonly columnMs: number;
  readonly columns: number;
}

/**
 * Returns columns of equal length that cover a time range and begin on whole hours or days of UTC.
 * @param windowMs length of the windows that are shown: a shorter column would be empty between two of them
 * @param maxColumns as many as there is room for
 */
export function timeColumns(fromMs: number, toMs: number, windowMs: number, maxColumns: number): TimeGrid {
  const leastMs = Math.max(windowMs, (toMs - fromMs) / maxColumns);
  const known = LENGTHS_MS.find((length) => length >= leastMs);
  let columnMs = known ?? Math.ceil(leastMs / DAY_MS) * DAY_MS;
  for (;;) {
    const startMs = Math.floor(fromMs / columnMs) * columnMs;
    const columns = Math.max(1, Math.ceil((toMs - startMs) / columnMs));
    // The first column may begin before the range, so that there is one too many.
    if (columns <= maxColumns) return { startMs, columnMs, columns };
    columnMs = LENGTHS_MS.find((length) => length > columnMs) ?? columnMs + DAY_MS;
  }
}
