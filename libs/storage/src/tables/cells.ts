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
} as const;

/**
 * Adds cells to those already stored. Traffic comes last: once its counts are there, the feature cells are there too, which
 * is what the check of an hour relies on.
 */
export async function insertCells(
  store: Store,
  features: readonly FeatureCell[],
  traffic: readonly TrafficCell[],
  identity: string,
): Promise<void> {
  // One insert per month: a block of one partition is stored whole or not at all.
  for (const [month, cells] of byMonth(features)) {
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
      block.endRow();
    }
    await store.insertBlock('feature_cell', block, `feature_cell:${identity}:${month}`);
  }
  for (const [month, cells] of byMonth(traffic)) {
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
      block.endRow();
    }
    await store.insertBlock('traffic_cell', block, `traffic_cell:${identity}:${month}`);
  }
}

const DAY_MS = 86_400_000;

function byMonth<T extends { readonly minuteMs: number }>(cells: readonly T[]): Map<string, T[]> {
  const months = new Map<string, T[]>();
  const monthOfDay = new Map<number, string>();
  for (const cell of cells) {
    const day = Math.floor(cell.minuteMs / DAY_MS);
    let month = monthOfDay.get(day);
    if (month === undefined) monthOfDay.set(day, (month = new Date(cell.minuteMs).toISOString().slice(0, 7)));
    const group = months.get(month);
    if (group === undefined) months.set(month, [cell]);
    else group.push(cell);
  }
  return months;
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

const selectTrafficPerHour = defineQuery({
  name: 'select traffic per hour',
  sql: `SELECT toUnixTimestamp(toStartOfHour(minute)) * 1000 AS hour_ms, sum(n) AS n, sum(id_hash_sum) AS id_hash_sum
        FROM traffic_cell WHERE ${inHours} AND segment = '' GROUP BY hour_ms`,
  params: hourParams,
  row: z.object({ hour_ms: millis, n: integer, id_hash_sum: integer }),
});

/** What the cells of the hours say they were made of, to compare with checkPredictionHours. */
export async function checkCellHours(
  store: Store,
  project: string,
  model: string,
  hoursMs: readonly number[],
): Promise<Map<number, HourCheck>> {
  if (hoursMs.length === 0) return new Map();
  const rows = await store.query(selectTrafficPerHour, { project, model, hours: [...hoursMs] });
  return new Map(rows.map((row) => [row.hour_ms, { n: row.n, idHashSum: row.id_hash_sum }]));
}

const rollUp = defineCommand({
  name: 'roll up feature cells',
  sql: `INSERT INTO feature_cell_hour
        SELECT project, model, version, segment, series, bin_set_id, toStartOfHour(minute) AS hour, sum(c.n), sum(c.missing),
               sum(c.invalid), sum(c.sum), sum(c.sum_squares), min(c.min), max(c.max), sumMap(c.bins), {revision:UInt64}
        FROM feature_cell AS c WHERE ${inHours}
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
