import {
  type CellSource,
  type FeatureCell,
  type FeatureSchema,
  MISSING_TEXT,
  PREDICTION_SERIES,
  SCORE_SERIES,
  type TrafficCell,
} from '@plumbline/contracts';
import type { BinSet } from './bin-set.js';
import { latencyBin } from './latency-bins.js';

/** Bin sets of a (project, model, version) by series; undefined when it has no reference. */
export type BinSetsOf = (project: string, model: string, version: string) => ReadonlyMap<string, BinSet> | undefined;

/** Where a series takes its value from in a stored row. */
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

/** Statistics of one series in one minute, under construction. */
class OpenCell {
  n = 0;
  missing = 0;
  invalid = 0;
  sum = 0;
  sumSquares = 0;
  min = Infinity;
  max = -Infinity;
  /** One entry per valid value: appending is several times cheaper than counting into a map; counted once at the end. */
  readonly bins: number[] = [];
}

interface OpenMinute {
  readonly source: CellSource;
  readonly segment: string;
  readonly minuteMs: number;
  readonly plan: readonly PlanEntry[];
  readonly cells: OpenCell[];
}

interface OpenTraffic {
  readonly source: CellSource;
  readonly segment: string;
  readonly minuteMs: number;
  n: number;
  idHashSum: number;
  errors: number;
  readonly latencyBins: number[];
}

const MINUTE_MS = 60_000;
const ALL = [''] as const;

/**
 * Turns stored predictions into cells: the function f of "cells == f(distinct raw)", used at ingest and for rebuilding.
 * Rows may come in any order and split over several accumulators; cells of the same key add up. The caller gives each
 * prediction once.
 * Cost: one map look-up per row and segment, then array work per value.
 */
export class CellAccumulator {
  private readonly minutes = new Map<string, OpenMinute>();
  private readonly traffic = new Map<string, OpenTraffic>();
  private readonly plans = new Map<string, { readonly id: number; readonly entries: readonly PlanEntry[] }>();

  constructor(private readonly binSetsOf: BinSetsOf) {}

  add(row: CellSource): void {
    const minuteMs = row.timestampMs - (row.timestampMs % MINUTE_MS);
    const plan = this.planOf(row);
    const segments = row.segments.length === 0 ? ALL : ['', ...row.segments];
    for (const segment of segments) {
      this.addTraffic(row, segment, minuteMs);
      const key = `${plan.id}/${minuteMs}/${segment}`;
      let open = this.minutes.get(key);
      if (open === undefined) {
        open = { source: row, segment, minuteMs, plan: plan.entries, cells: plan.entries.map(() => new OpenCell()) };
        this.minutes.set(key, open);
      }
      for (let i = 0; i < plan.entries.length; i++) addValue(open.cells[i]!, plan.entries[i]!, row);
    }
  }

  featureCells(): FeatureCell[] {
    const cells: FeatureCell[] = [];
    for (const { source, segment, minuteMs, plan, cells: open } of this.minutes.values()) {
      for (let i = 0; i < plan.length; i++) {
        const cell = open[i]!;
        if (cell.n + cell.missing + cell.invalid === 0) continue;
        const [binIndexes, binCounts] = countRuns(cell.bins);
        cells.push({
          project: source.project,
          model: source.model,
          version: source.version,
          segment,
          series: plan[i]!.series,
          binSetId: plan[i]!.binSet?.binSetId ?? '',
          minuteMs,
          n: cell.n,
          missing: cell.missing,
          invalid: cell.invalid,
          sum: cell.sum,
          sumSquares: cell.sumSquares,
          min: cell.min,
          max: cell.max,
          binIndexes,
          binCounts,
        });
      }
    }
    return cells;
  }

  trafficCells(): TrafficCell[] {
    return [...this.traffic.values()].map(({ source, segment, minuteMs, n, idHashSum, errors, latencyBins }) => {
      const [latencyBinIndexes, latencyBinCounts] = countRuns(latencyBins);
      const { project, model, version } = source;
      const latencyN = latencyBins.length;
      return {
        project,
        model,
        version,
        segment,
        minuteMs,
        n,
        idHashSum,
        errors,
        latencyN,
        latencyBinIndexes,
        latencyBinCounts,
      };
    });
  }

  private addTraffic(row: CellSource, segment: string, minuteMs: number): void {
    const key = `${row.project}/${row.model}/${row.version}/${minuteMs}/${segment}`;
    let open = this.traffic.get(key);
    if (open === undefined) {
      open = { source: row, segment, minuteMs, n: 0, idHashSum: 0, errors: 0, latencyBins: [] };
      this.traffic.set(key, open);
    }
    open.n++;
    open.idHashSum += row.idHash;
    if (row.failed) open.errors++;
    if (!Number.isNaN(row.latencyMs)) open.latencyBins.push(latencyBin(row.latencyMs));
  }

  private planOf(row: CellSource): { readonly id: number; readonly entries: readonly PlanEntry[] } {
    const key = `${row.project}/${row.model}/${row.version}/${row.schema.schemaId}`;
    let plan = this.plans.get(key);
    if (plan === undefined) {
      plan = {
        id: this.plans.size,
        entries: planEntries(row.schema, this.binSetsOf(row.project, row.model, row.version)),
      };
      this.plans.set(key, plan);
    }
    return plan;
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

function addValue(cell: OpenCell, entry: PlanEntry, row: CellSource): void {
  switch (entry.source) {
    case 'number':
      return addNumber(cell, entry, row.numbers[entry.position]!, row.invalidNames);
    case 'value':
      return addNumber(cell, entry, row.value, row.invalidNames);
    case 'score':
      return addNumber(cell, entry, row.score, row.invalidNames);
    case 'text':
      return addText(cell, entry, row.texts[entry.position]!, row.invalidNames);
    case 'label':
      return addText(cell, entry, row.label === '' ? MISSING_TEXT : row.label, row.invalidNames);
    case 'absent':
      cell.missing++;
  }
}

function addNumber(cell: OpenCell, entry: PlanEntry, value: number, invalidNames: readonly string[]): void {
  if (Number.isNaN(value)) return addNoValue(cell, entry, invalidNames);
  const { binSet } = entry;
  if (binSet !== undefined) {
    // The reference holds categories where numbers come now: a type error, never a new category.
    if (binSet.kind !== 'numeric') {
      cell.invalid++;
      return;
    }
    cell.bins.push(binSet.binOfNumber(value));
  }
  cell.n++;
  cell.sum += value;
  cell.sumSquares += value * value;
  if (value < cell.min) cell.min = value;
  if (value > cell.max) cell.max = value;
}

function addText(cell: OpenCell, entry: PlanEntry, value: string, invalidNames: readonly string[]): void {
  if (value === MISSING_TEXT) return addNoValue(cell, entry, invalidNames);
  const { binSet } = entry;
  if (binSet !== undefined) {
    if (binSet.kind === 'numeric') {
      cell.invalid++;
      return;
    }
    cell.bins.push(binSet.binOfText(value));
  }
  cell.n++;
}

function addNoValue(cell: OpenCell, entry: PlanEntry, invalidNames: readonly string[]): void {
  if (invalidNames.length > 0 && invalidNames.includes(entry.series)) cell.invalid++;
  else if (entry.countMissing) cell.missing++;
}

/** Distinct values ascending, and how often each stands in the list. Sorts in place. */
function countRuns(values: number[]): [number[], number[]] {
  if (values.length === 0) return [[], []];
  values.sort((left, right) => left - right);
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const value of values) {
    if (distinct[distinct.length - 1] === value) counts[counts.length - 1]!++;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  return [distinct, counts];
}
