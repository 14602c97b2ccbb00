import {
  type CellColumns,
  type FeatureCell,
  type FeatureSchema,
  MISSING_TEXT,
  PREDICTION_SERIES,
  SCORE_SERIES,
  type TrafficCell,
  VOUCHING_SERIES,
} from '@plumbline/contracts';
import { BinCounter } from './bin-counter.js';
import type { BinSet } from './bin-set.js';
import { LATENCY_BINS, latencyBin } from './latency-bins.js';

export interface Cells {
  readonly features: readonly FeatureCell[];
  readonly traffic: readonly TrafficCell[];
}

/** Where a series takes its values from. */
type Source = 'number' | 'text' | 'absent' | 'label' | 'value' | 'score';

interface PlanEntry {
  readonly series: string;
  readonly source: Source;
  /** Position in numbers or texts. */
  readonly position: number;
  readonly binSet: BinSet | undefined;
  /** Whether a row without a value counts as missing; without a reference an absent answer is simply absent. */
  readonly countMissing: boolean;
}

const MINUTE_MS = 60_000;

/**
 * Cells of predictions: the function f of "cells == f(distinct raw)", used at ingest and for rebuilding. Cells of the same key
 * from several calls add up. The caller gives each prediction once.
 * @param binSets by series, of the reference of the columns' version; undefined when it has none
 */
export function cellsOfColumns(columns: CellColumns, binSets: ReadonlyMap<string, BinSet> | undefined): Cells {
  return cellsOfRows(columns, planEntries(columns.schema, binSets), [['', undefined], ...columns.segments]);
}

/**
 * The cells of cellsOfColumns in parts, each with about `maxCells` at most: predictions far apart in time have as many cells as values,
 * and a cell takes many times the memory of a value. The cells of a minute may lie in several parts; each part vouches for its own.
 */
export function* cellsInParts(
  columns: CellColumns,
  binSets: ReadonlyMap<string, BinSet> | undefined,
  maxCells: number,
): Generator<Cells> {
  const plan = planEntries(columns.schema, binSets);
  const cellsOfMinute = (plan.length + 1) * (columns.segments.size + 1);
  const partOf = partsOfRows(columns, Math.max(1, Math.floor(maxCells / cellsOfMinute)));
  const parts: Map<string, number[]>[] = [];
  const add = (segment: string, row: number): void => {
    const segments = (parts[partOf[row]!] ??= new Map<string, number[]>());
    const rows = segments.get(segment);
    if (rows === undefined) segments.set(segment, [row]);
    else rows.push(row);
  };
  for (let row = 0; row < columns.rows; row++) add('', row);
  for (const [segment, rows] of columns.segments) for (const row of rows) add(segment, row);
  for (const segments of parts) yield cellsOfRows(columns, plan, segments);
}

/** Numbers the rows in their order, with the next number whenever more minutes than these have occurred. */
function partsOfRows({ rows, timestampsMs }: CellColumns, maxMinutes: number): Int32Array {
  const partOf = new Int32Array(rows);
  const minutes = new Set<number>();
  let part = 0;
  for (let row = 0; row < rows; row++) {
    minutes.add(Math.floor(timestampsMs[row]! / MINUTE_MS));
    if (minutes.size > maxMinutes) {
      part += 1;
      minutes.clear();
      minutes.add(Math.floor(timestampsMs[row]! / MINUTE_MS));
    }
    partOf[row] = part;
  }
  return partOf;
}

/** @param segments with their rows; undefined for all rows */
function cellsOfRows(
  columns: CellColumns,
  plan: readonly PlanEntry[],
  segments: Iterable<readonly [string, readonly number[] | undefined]>,
): Cells {
  const features: FeatureCell[][] = [];
  const traffic: TrafficCell[][] = [];
  for (const [segment, rows] of segments) {
    const groups = new MinuteGroups(columns, segment, rows);
    const ofSegment = groups.trafficCells();
    traffic.push(ofSegment);
    if (segment === '') features.push(ofSegment.map(vouchingCell));
    for (const entry of plan) features.push(groups.featureCells(entry));
  }
  return { features: features.flat(), traffic: traffic.flat() };
}

/** Says which predictions the feature cells of the minute were made of. */
function vouchingCell({ project, model, version, segment, minuteMs, n, idHashSum }: TrafficCell): FeatureCell {
  return {
    ...{ project, model, version, segment, series: VOUCHING_SERIES, binSetId: '', minuteMs },
    ...{ n, missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: Infinity, max: -Infinity },
    ...{ binIndexes: [], binCounts: [], idHashSum },
  };
}

/** The rows of a segment by their minutes. Each series is counted in one pass over its column. */
class MinuteGroups {
  /** Rows of the segment; undefined for all. */
  private readonly size: number;
  /** Which minute each of the rows lies in, as an index into `minutes`. */
  private readonly groupOf: Int32Array;
  private readonly minutes: number[] = [];

  constructor(
    private readonly columns: CellColumns,
    private readonly segment: string,
    private readonly rows: readonly number[] | undefined,
  ) {
    this.size = rows === undefined ? columns.rows : rows.length;
    this.groupOf = new Int32Array(this.size);
    const indexes = new Map<number, number>();
    let lastMinute = NaN;
    let group = 0;
    for (let i = 0; i < this.size; i++) {
      const timestampMs = columns.timestampsMs[this.rowAt(i)]!;
      const minuteMs = timestampMs - (timestampMs % MINUTE_MS);
      if (minuteMs !== lastMinute) {
        lastMinute = minuteMs;
        const known = indexes.get(minuteMs);
        if (known === undefined) indexes.set(minuteMs, (group = this.minutes.push(minuteMs) - 1));
        else group = known;
      }
      this.groupOf[i] = group;
    }
  }

  trafficCells(): TrafficCell[] {
    const { columns, segment, groupOf, minutes } = this;
    const n = new Float64Array(minutes.length);
    const idHashSum = new Float64Array(minutes.length);
    const errors = new Float64Array(minutes.length);
    const latencyN = new Float64Array(minutes.length);
    const weight = new Float64Array(minutes.length);
    const weightSquares = new Float64Array(minutes.length);
    const latencies = new BinCounter(minutes.length, LATENCY_BINS, this.size);
    for (let i = 0; i < this.size; i++) {
      const row = this.rowAt(i);
      const group = groupOf[i]!;
      n[group]!++;
      idHashSum[group]! += columns.idHashes[row]!;
      const rowWeight = columns.sampleWeights === undefined ? 1 : columns.sampleWeights[row]!;
      weight[group]! += rowWeight;
      weightSquares[group]! += rowWeight * rowWeight;
      if (columns.errors !== undefined && columns.errors[row] !== '') errors[group]!++;
      const latencyMs = columns.latenciesMs === undefined ? NaN : columns.latenciesMs[row]!;
      if (Number.isNaN(latencyMs)) continue;
      latencyN[group]!++;
      latencies.add(group, latencyBin(latencyMs));
    }
    const bins = latencies.perGroup();
    return minutes.map((minuteMs, group) => ({
      project: columns.project,
      model: columns.model,
      version: columns.version,
      segment,
      minuteMs,
      n: n[group]!,
      idHashSum: idHashSum[group]!,
      errors: errors[group]!,
      latencyN: latencyN[group]!,
      latencyBinIndexes: bins[group]!.indexes,
      latencyBinCounts: bins[group]!.counts,
      weight: weight[group]!,
      weightSquares: weightSquares[group]!,
    }));
  }

  featureCells(entry: PlanEntry): FeatureCell[] {
    const { columns } = this;
    switch (entry.source) {
      case 'number':
        return this.cellsOfNumbers(entry, columns.numbers[entry.position]);
      case 'value':
        return this.cellsOfNumbers(entry, columns.values);
      case 'score':
        return this.cellsOfNumbers(entry, columns.scores);
      case 'text':
        return this.cellsOfTexts(entry, columns.texts[entry.position], MISSING_TEXT);
      case 'label':
        return this.cellsOfTexts(entry, columns.labels, '');
      case 'absent':
        return this.cellsOfTexts(entry, undefined, MISSING_TEXT);
    }
  }

  private cellsOfNumbers(entry: PlanEntry, values: ArrayLike<number> | undefined): FeatureCell[] {
    const { groupOf, rows, size } = this;
    const { binSet } = entry;
    const open = new OpenCells(this.minutes.length, binSet?.bins ?? 0, size);
    const binOf = binSet?.binOfNumber;
    // The reference holds categories where numbers come now: a type error, never a new category.
    const fits = binSet === undefined || binSet.kind === 'numeric';
    // Rows of one minute mostly follow one another: its sums are kept in variables as long as they do, which halves the time.
    for (let i = 0; i < size;) {
      const group = groupOf[i]!;
      let n = open.n[group]!;
      let sum = open.sum[group]!;
      let sumSquares = open.sumSquares[group]!;
      let min = open.min[group]!;
      let max = open.max[group]!;
      for (; i < size && groupOf[i] === group; i++) {
        const value = values === undefined ? NaN : values[rows === undefined ? i : rows[i]!]!;
        if (Number.isNaN(value)) this.addNoValue(open, entry, group, this.rowAt(i));
        else if (!fits) open.invalid[group]!++;
        else {
          if (binOf !== undefined) open.bins.add(group, binOf(value));
          n++;
          sum += value;
          sumSquares += value * value;
          if (value < min) min = value;
          if (value > max) max = value;
        }
      }
      open.n[group] = n;
      open.sum[group] = sum;
      open.sumSquares[group] = sumSquares;
      open.min[group] = min;
      open.max[group] = max;
    }
    return this.close(entry, open);
  }

  private cellsOfTexts(entry: PlanEntry, values: readonly string[] | undefined, missing: string): FeatureCell[] {
    const { groupOf } = this;
    const { binSet } = entry;
    const open = new OpenCells(this.minutes.length, binSet?.bins ?? 0, this.size);
    const fits = binSet === undefined || binSet.kind !== 'numeric';
    for (let i = 0; i < this.size; i++) {
      const group = groupOf[i]!;
      const value = values === undefined ? missing : values[this.rowAt(i)]!;
      if (value === missing) this.addNoValue(open, entry, group, this.rowAt(i));
      else if (!fits) open.invalid[group]!++;
      else {
        if (binSet !== undefined) open.bins.add(group, binSet.binOfText(value));
        open.n[group]!++;
      }
    }
    return this.close(entry, open);
  }

  private addNoValue(open: OpenCells, entry: PlanEntry, group: number, row: number): void {
    const { invalid } = this.columns;
    if (invalid.size > 0 && invalid.get(row)?.[0].includes(entry.series) === true) open.invalid[group]!++;
    else if (entry.countMissing) open.missing[group]!++;
  }

  private close(entry: PlanEntry, open: OpenCells): FeatureCell[] {
    const { project, model, version } = this.columns;
    const bins = open.bins.perGroup();
    const cells: FeatureCell[] = [];
    this.minutes.forEach((minuteMs, group) => {
      const [n, missing, invalid] = [open.n[group]!, open.missing[group]!, open.invalid[group]!];
      if (n + missing + invalid === 0) return;
      cells.push({
        project,
        model,
        version,
        segment: this.segment,
        series: entry.series,
        binSetId: entry.binSet?.binSetId ?? '',
        minuteMs,
        n,
        missing,
        invalid,
        sum: open.sum[group]!,
        sumSquares: open.sumSquares[group]!,
        min: open.min[group]!,
        max: open.max[group]!,
        binIndexes: bins[group]!.indexes,
        binCounts: bins[group]!.counts,
      });
    });
    return cells;
  }

  private rowAt(i: number): number {
    return this.rows === undefined ? i : this.rows[i]!;
  }
}

/** Statistics of one series in each minute, under construction. */
class OpenCells {
  readonly n: Float64Array;
  readonly missing: Float64Array;
  readonly invalid: Float64Array;
  readonly sum: Float64Array;
  readonly sumSquares: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly bins: BinCounter;

  constructor(groups: number, bins: number, values: number) {
    this.n = new Float64Array(groups);
    this.missing = new Float64Array(groups);
    this.invalid = new Float64Array(groups);
    this.sum = new Float64Array(groups);
    this.sumSquares = new Float64Array(groups);
    this.min = new Float64Array(groups).fill(Infinity);
    this.max = new Float64Array(groups).fill(-Infinity);
    this.bins = new BinCounter(groups, bins, values);
  }
}

function planEntries(schema: FeatureSchema, binSets: ReadonlyMap<string, BinSet> | undefined): PlanEntry[] {
  const entries: PlanEntry[] = [];
  const planned = new Set<string>();
  const plan = (series: string, source: Source, position: number, countMissing: boolean): void => {
    planned.add(series);
    entries.push({ series, source, position, binSet: binSets?.get(series), countMissing });
  };
  schema.numberNames.forEach((name, position) => plan(name, 'number', position, true));
  [...schema.textNames, ...schema.booleanNames].forEach((name, position) => plan(name, 'text', position, true));
  const answer = binSets?.get(PREDICTION_SERIES);
  if (answer !== undefined) plan(PREDICTION_SERIES, answer.kind === 'numeric' ? 'value' : 'label', 0, true);
  const score = binSets?.get(SCORE_SERIES);
  plan(SCORE_SERIES, 'score', 0, score !== undefined);
  // A feature of the reference that the service no longer sends is missing in every row.
  for (const series of binSets?.keys() ?? []) if (!planned.has(series)) plan(series, 'absent', 0, true);
  return entries;
}
