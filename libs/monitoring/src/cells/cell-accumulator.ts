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

/** Everything of one minute, version, segment and schema, under construction. */
interface OpenMinute {
  readonly source: CellSource;
  readonly segment: string;
  readonly minuteMs: number;
  readonly plan: Plan;
  readonly cells: readonly OpenCell[];
  n: number;
  idHashSum: number;
  errors: number;
  readonly latencyBins: number[];
}

interface Plan {
  readonly schema: FeatureSchema;
  readonly entries: readonly PlanEntry[];
  /** By segment, then minute: a number is a cheaper key than a text. */
  readonly segments: Map<string, Map<number, OpenMinute>>;
}

const MINUTE_MS = 60_000;

/**
 * Turns stored predictions into cells: the function f of "cells == f(distinct raw)", used at ingest and for rebuilding.
 * Rows may come in any order and split over several accumulators; cells of the same key add up. The caller gives each
 * prediction once.
 * Cost: one map look-up per row and segment, then array work per value.
 */
export class CellAccumulator {
  private readonly plans = new Map<string, Plan>();
  /** Rows of one version mostly come in a row. */
  private last: { readonly row: CellSource; readonly plan: Plan } | undefined;

  constructor(private readonly binSetsOf: BinSetsOf) {}

  add(row: CellSource): void {
    const minuteMs = row.timestampMs - (row.timestampMs % MINUTE_MS);
    const plan = this.planOf(row);
    this.addTo(plan, '', minuteMs, row);
    for (const segment of row.segments) this.addTo(plan, segment, minuteMs, row);
  }

  featureCells(): FeatureCell[] {
    const cells: FeatureCell[] = [];
    for (const { source, segment, minuteMs, plan, cells: open } of this.minutes()) {
      for (let i = 0; i < open.length; i++) {
        const cell = open[i]!;
        const entry = plan.entries[i]!;
        if (cell.n + cell.missing + cell.invalid === 0) continue;
        const [binIndexes, binCounts] = countRuns(cell.bins);
        cells.push({
          project: source.project,
          model: source.model,
          version: source.version,
          segment,
          series: entry.series,
          binSetId: entry.binSet?.binSetId ?? '',
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
    return [...this.minutes()].map(({ source, segment, minuteMs, n, idHashSum, errors, latencyBins }) => {
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

  private *minutes(): Generator<OpenMinute> {
    for (const plan of this.plans.values()) for (const minutes of plan.segments.values()) yield* minutes.values();
  }

  private addTo(plan: Plan, segment: string, minuteMs: number, row: CellSource): void {
    let minutes = plan.segments.get(segment);
    if (minutes === undefined) plan.segments.set(segment, (minutes = new Map<number, OpenMinute>()));
    let open = minutes.get(minuteMs);
    if (open === undefined) {
      const cells = plan.entries.map(() => new OpenCell());
      open = { source: row, segment, minuteMs, plan, cells, n: 0, idHashSum: 0, errors: 0, latencyBins: [] };
      minutes.set(minuteMs, open);
    }
    open.n++;
    open.idHashSum += row.idHash;
    if (row.error !== '') open.errors++;
    if (!Number.isNaN(row.latencyMs)) open.latencyBins.push(latencyBin(row.latencyMs));
    for (let i = 0; i < plan.entries.length; i++) addValue(open.cells[i]!, plan.entries[i]!, row);
  }

  private planOf(row: CellSource): Plan {
    const { last } = this;
    if (
      last !== undefined &&
      last.row.schema === row.schema &&
      last.row.version === row.version &&
      last.row.model === row.model &&
      last.row.project === row.project
    ) {
      return last.plan;
    }
    const key = `${row.project}/${row.model}/${row.version}/${row.schema.schemaId}`;
    let plan = this.plans.get(key);
    if (plan === undefined) {
      const entries = planEntries(row.schema, this.binSetsOf(row.project, row.model, row.version));
      plan = { schema: row.schema, entries, segments: new Map() };
      this.plans.set(key, plan);
    }
    this.last = { row, plan };
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
      return addNumber(cell, entry, row.numbers[entry.position]!, row.invalid[0]);
    case 'value':
      return addNumber(cell, entry, row.value, row.invalid[0]);
    case 'score':
      return addNumber(cell, entry, row.score, row.invalid[0]);
    case 'text':
      return addText(cell, entry, row.texts[entry.position]!, row.invalid[0]);
    case 'label':
      return addText(cell, entry, row.label === '' ? MISSING_TEXT : row.label, row.invalid[0]);
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
