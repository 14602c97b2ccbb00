import type { FeatureCell, TrafficCell } from '@plumbline/contracts';
import { z } from 'zod';
import { NativeBlock } from '../native/native-block.js';
import { defineCommand, defineQuery } from '../query.js';
import { integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';
import type { HourCheck } from './prediction.js';

const featureColumns = {
  project: 'String',
  model: 'String',
  version: 'String',
  segment: 'String',
  series: 'String',
  bin_set_id: 'String',
  minute: "DateTime('UTC')",
  n: 'UInt64',
  missing: 'UInt64',
  invalid: 'UInt64',
  sum: 'Float64',
  sum_squares: 'Float64',
  min: 'Float64',
  max: 'Float64',
  bins: 'Tuple(Array(UInt16), Array(UInt64))',
  id_hash_sum: 'UInt64',
} as const;

const trafficColumns = {
  project: 'String',
  model: 'String',
  version: 'String',
  segment: 'String',
  minute: "DateTime('UTC')",
  n: 'UInt64',
  id_hash_sum: 'UInt64',
  errors: 'UInt64',
  latency_n: 'UInt64',
  latency_bins: 'Tuple(Array(UInt16), Array(UInt64))',
  sum_weight: 'Float64',
  sum_weight_squares: 'Float64',
} as const;

/** Rows of a block of cells; the engine takes a larger one in several pieces. */
const MAX_BLOCK_CELLS = 250_000;

/**
 * Adds cells to those already stored. The feature cells of a minute are written in one piece with the cell that vouches for them;
 * traffic comes last, and vouches for itself.
 */
export async function insertCells(
  store: Store,
  features: readonly FeatureCell[],
  traffic: readonly TrafficCell[],
  identity: string,
): Promise<void> {
  for (const [part, cells] of byMinutes(features, MAX_BLOCK_CELLS).entries()) {
    const block = new NativeBlock(featureColumns);
    const { columns: to } = block;
    for (const cell of cells) {
      to.project.add(cell.project);
      to.model.add(cell.model);
      to.version.add(cell.version);
      to.segment.add(cell.segment);
      to.series.add(cell.series);
      to.bin_set_id.add(cell.binSetId);
      to.minute.add(cell.minuteMs / 1000);
      to.n.add(cell.n);
      to.missing.add(cell.missing);
      to.invalid.add(cell.invalid);
      to.sum.add(cell.sum);
      to.sum_squares.add(cell.sumSquares);
      to.min.add(cell.min);
      to.max.add(cell.max);
      to.bins.add([cell.binIndexes, cell.binCounts]);
      to.id_hash_sum.add(cell.idHashSum ?? 0);
      block.endRow();
    }
    await store.insertBlock('feature_cell', block, `feature_cell:${identity}:${part}`);
  }
  for (const [part, cells] of byMinutes(traffic, MAX_BLOCK_CELLS).entries()) {
    const block = new NativeBlock(trafficColumns);
    const { columns: to } = block;
    for (const cell of cells) {
      to.project.add(cell.project);
      to.model.add(cell.model);
      to.version.add(cell.version);
      to.segment.add(cell.segment);
      to.minute.add(cell.minuteMs / 1000);
      to.n.add(cell.n);
      to.id_hash_sum.add(cell.idHashSum);
      to.errors.add(cell.errors);
      to.latency_n.add(cell.latencyN);
      to.latency_bins.add([cell.latencyBinIndexes, cell.latencyBinCounts]);
      to.sum_weight.add(cell.weight);
      to.sum_weight_squares.add(cell.weightSquares);
      block.endRow();
    }
    await store.insertBlock('traffic_cell', block, `traffic_cell:${identity}:${part}`);
  }
}

/**
 * Cuts cells into blocks of whole minutes. A block stays within a month, which is a partition: the engine stores it whole or not at
 * all.
 */
function byMinutes<T extends { readonly minuteMs: number }>(cells: readonly T[], maxCells: number): T[][] {
  const ascending = [...cells].sort((left, right) => left.minuteMs - right.minuteMs);
  const blocks: T[][] = [];
  let minute: T[] = [];
  const close = (): void => {
    const block = blocks.at(-1);
    const joins =
      block !== undefined &&
      block.length + minute.length <= maxCells &&
      monthOf(block[0]!.minuteMs) === monthOf(minute[0]!.minuteMs);
    // Not spread: a minute may have more cells than a call takes arguments.
    if (joins) for (const cell of minute) block.push(cell);
    else blocks.push(minute);
  };
  for (const cell of ascending) {
    if (minute.length > 0 && minute[0]!.minuteMs !== cell.minuteMs) {
      close();
      minute = [];
    }
    minute.push(cell);
  }
  if (minute.length > 0) close();
  return blocks;
}

function monthOf(timeMs: number): number {
  const date = new Date(timeMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const hourParams = z.object({
  project: z.string(),
  model: z.string(),
  hours: z.array(z.number()).transform((values) => values.map(second)),
});
const inHours = `project = {project:String} AND model = {model:String}
  AND toStartOfHour(minute) IN ({hours:Array(DateTime('UTC'))})`;

const deleteTraffic = defineCommand({
  name: 'delete traffic cells',
  sql: `DELETE FROM traffic_cell WHERE ${inHours}`,
  params: hourParams,
});
const deleteFeatures = defineCommand({
  name: 'delete feature cells',
  sql: `DELETE FROM feature_cell WHERE ${inHours}`,
  params: hourParams,
});

const deleteHours = defineCommand({
  name: 'delete hourly feature cells',
  sql: `DELETE FROM feature_cell_hour
        WHERE project = {project:String} AND model = {model:String} AND hour IN ({hours:Array(DateTime('UTC'))})`,
  params: hourParams,
});
const deletePerformance = defineCommand({
  name: 'delete performance cells',
  sql: `DELETE FROM performance_cell WHERE ${inHours}`,
  params: hourParams,
});

/**
 * Removes all cells of the hours, what is derived from the minutes included. Traffic goes first, so that an interrupted rebuild is
 * seen as a mismatch and repeated.
 */
export async function deleteCells(
  store: Store,
  project: string,
  model: string,
  hoursMs: readonly number[],
): Promise<void> {
  if (hoursMs.length === 0) return;
  await store.command(deleteTraffic, { project, model, hours: [...hoursMs] });
  await store.command(deleteFeatures, { project, model, hours: [...hoursMs] });
  await store.command(deleteHours, { project, model, hours: [...hoursMs] });
  await store.command(deletePerformance, { project, model, hours: [...hoursMs] });
}

const perHour = (table: string): string =>
  `SELECT toUnixTimestamp(toStartOfHour(minute)) * 1000 AS hour_ms, sum(n) AS n, sum(id_hash_sum) AS id_hash_sum
   FROM ${table} WHERE ${inHours} AND segment = ''`;
const hourRow = z.object({ hour_ms: millis, n: integer, id_hash_sum: integer });

const selectTrafficPerHour = defineQuery({
  name: 'select traffic per hour',
  sql: `${perHour('traffic_cell')} GROUP BY hour_ms`,
  params: hourParams,
  row: hourRow,
});
const selectVouchingPerHour = defineQuery({
  name: 'select vouching cells per hour',
  sql: `${perHour('feature_cell')} AND series = '' GROUP BY hour_ms`,
  params: hourParams,
  row: hourRow,
});

export interface CellHours {
  readonly traffic: ReadonlyMap<number, HourCheck>;
  readonly features: ReadonlyMap<number, HourCheck>;
}

/** What the cells of the hours say they were made of, to compare with checkPredictionHours. */
export async function checkCellHours(
  store: Store,
  project: string,
  model: string,
  hoursMs: readonly number[],
): Promise<CellHours> {
  if (hoursMs.length === 0) return { traffic: new Map(), features: new Map() };
  const params = { project, model, hours: [...hoursMs] };
  const byHour = (rows: readonly z.output<typeof hourRow>[]): Map<number, HourCheck> =>
    new Map(rows.map((row) => [row.hour_ms, { n: row.n, idHashSum: row.id_hash_sum }]));
  return {
    traffic: byHour(await store.query(selectTrafficPerHour, params)),
    features: byHour(await store.query(selectVouchingPerHour, params)),
  };
}

/** Later than what it replaces, even if that was written by a clock that ran ahead. */
const nextRevision = `(SELECT max(revision) + 1 FROM feature_cell_hour
  WHERE project = {project:String} AND model = {model:String} AND hour IN ({hours:Array(DateTime('UTC'))}))`;

const rollUp = defineCommand({
  name: 'roll up feature cells',
  sql: `INSERT INTO feature_cell_hour
        SELECT project, model, version, segment, series, bin_set_id, toStartOfHour(minute) AS hour, sum(c.n), sum(c.missing),
               sum(c.invalid), sum(c.sum), sum(c.sum_squares), min(c.min), max(c.max), sumMap(c.bins),
               greatest({revision:UInt64}, ${nextRevision})
        FROM feature_cell AS c WHERE ${inHours} AND series != ''
        GROUP BY project, model, version, segment, series, bin_set_id, hour`,
  params: hourParams.extend({ revision: z.number() }),
});

/** Sums the feature cells of the hours into hourly ones, which replace those of an earlier roll-up. */
export async function rollUpHours(
  store: Store,
  project: string,
  model: string,
  hoursMs: readonly number[],
  nowMs: number,
): Promise<void> {
  if (hoursMs.length === 0) return;
  const token = `feature_cell_hour:${project}/${model}:${hoursMs[0]}:${hoursMs.length}:${nowMs}`;
  await store.command(rollUp, { project, model, hours: [...hoursMs], revision: nowMs }, token);
}
