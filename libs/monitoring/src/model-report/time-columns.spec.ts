import { timeColumns } from './time-columns.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FROM_MS = Date.UTC(2026, 0, 1, 6, 30);

it.each([
  ['a day by the hour', DAY_MS, HOUR_MS, 45, HOUR_MS],
  ['two weeks of daily windows', 14 * DAY_MS, DAY_MS, 45, DAY_MS],
  ['two weeks of hourly windows', 14 * DAY_MS, HOUR_MS, 45, 8 * HOUR_MS],
  ['a year', 365 * DAY_MS, DAY_MS, 45, 336 * HOUR_MS],
  ['ten years', 3650 * DAY_MS, DAY_MS, 45, 82 * DAY_MS],
  ['a minute', 60_000, HOUR_MS, 45, HOUR_MS],
])('covers %s in columns that begin on whole hours or days', (_, lengthMs, windowMs, maxColumns, expected) => {
  const { startMs, columnMs, columns } = timeColumns(FROM_MS, FROM_MS + lengthMs, windowMs, maxColumns);
  expect(columnMs).toBe(expected);
  expect(columns).toBeLessThanOrEqual(maxColumns);
  expect(startMs % HOUR_MS).toBe(0);
  expect(startMs).toBeLessThanOrEqual(FROM_MS);
  expect(startMs + columns * columnMs).toBeGreaterThanOrEqual(FROM_MS + lengthMs);
});
