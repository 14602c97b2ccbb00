import {
  type FeatureCell,
  type Measurement,
  type Monitor,
  type MonitorDeclaration,
  monitorDeclarationSchema,
  type ReferenceProfile,
  type ReferenceSeries,
} from '@plumbline/contracts';
import {
  type BinSet,
  type BudgetShare,
  cellsOfColumns,
  compileBinSet,
  decide,
  falseAlarmLevel,
  type FalseAlarmLevel,
  judge,
  measure,
  needsWidening,
  type PlacedMeasurement,
  type SeriesData,
  takeWider,
  type WindowData,
} from '@plumbline/monitoring';
import { SeededRandom } from '../../conservation/seeded-random.js';
import type { Family } from './families.js';
import { referenceOfSample } from './reference-of-sample.js';

/** A model as it is played: what its features are drawn from, in the reference and in the windows. */
export interface Play {
  readonly features: readonly Family[];
  /** What some features are drawn from in the windows, by position. */
  readonly drifted?: ReadonlyMap<number, (reference: ReferenceSeries) => Family | undefined>;
  /** Draws a row of all features at once, where they depend on one another. */
  readonly rowOf?: (random: SeededRandom) => readonly number[];
  readonly referenceRows: number;
  readonly rowsPerWindow: number;
  readonly windows: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly monitors?: readonly object[];
  readonly budget?: number;
}

/** What a month of windows came to. */
export interface Played {
  /** By monitor: the windows in which each series was flagged, as "feature method". */
  readonly flagged: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  /** Alerts that opened, of all monitors. */
  readonly alerts: number;
  readonly levels: ReadonlyMap<string, FalseAlarmLevel>;
  readonly profile: ReferenceProfile;
  /** Raw values of the reference and of each window, for rules that look at them. */
  readonly referenceValues: readonly (readonly (number | string)[])[];
}

export type OnWindow = (
  window: number,
  values: readonly (readonly (number | string)[])[],
  data: WindowData,
  referenceValues: readonly (readonly (number | string)[])[],
  profile: ReferenceProfile,
) => void;

const MINUTE_MS = 60_000;
/** Cells per series and window: their merging is part of the way. */
const CELLS_PER_WINDOW = 5;

/** The default monitors that look at features and answers. */
const DEFAULT_MONITORS = [
  { detector: 'feature_drift' },
  { detector: 'prediction_drift' },
  { detector: 'data_quality' },
];

/**
 * Plays a month of windows of a model through the code that the server runs: rows are binned to cells, cells of several parts are
 * merged, windows widened where they are too small, measured, judged as a family, and alerts decided.
 */
export function playMonth(play: Play, onWindow?: OnWindow): Played {
  const { features, rowsPerWindow, windows, everyMs, budget = 1 } = play;
  const random = new SeededRandom(play.seed);
  const names = features.map((_, i) => `f${i}`);
  const drawRow = play.rowOf;
  const draw = (families: readonly Family[], rows: number): (number | string)[][] => {
    if (drawRow === undefined) return families.map((family) => Array.from({ length: rows }, () => family.draw(random)));
    const drawn = Array.from({ length: rows }, () => drawRow(random));
    return families.map((_, i) => drawn.map((row) => row[i]!));
  };
  const scoresOf = (rows: number): number[] => Array.from({ length: rows }, () => random.next() ** 2);
  const labelsOf = (scores: readonly number[]): string[] => scores.map((score) => (score > 0.5 ? '1' : '0'));

  const referenceValues = draw(features, play.referenceRows);
  const referenceScores = scoresOf(play.referenceRows);
  const series = [
    ...names.map((name, i) => referenceOfSample(name, referenceValues[i]!)),
    referenceOfSample('$score', referenceScores),
    referenceOfSample('$prediction', labelsOf(referenceScores)),
  ];
  const profile: ReferenceProfile = {
    ...{ project: 'p', model: 'm', version: '1', referenceId: `seed ${play.seed}`, createdAtMs: 0, createdBy: '' },
    ...{ source: '', n: play.referenceRows, series, performance: {} },
  };
  const binSets = new Map(series.map((each) => [each.series, compileBinSet(each)]));
  const inWindows = features.map((family, i) => play.drifted?.get(i)?.(series[i]!) ?? family);

  const monitors = (play.monitors ?? DEFAULT_MONITORS).map((values, i): Monitor => ({
    ...{ project: 'p', model: 'm', monitor: `${i}`, origin: 'declared' },
    declaration: monitorDeclarationSchema.parse(values),
  }));
  const shares: BudgetShare[] = monitors.map(({ declaration }) => ({ declaration, everyMs }));
  const levels = new Map(
    monitors.map(({ monitor }, i) => [monitor, falseAlarmLevel(budget, shares[i]!, shares, profile)]),
  );
  const flagged = new Map<string, Map<string, number[]>>(monitors.map(({ monitor }) => [monitor, new Map()]));
  const states = new Map<string, Parameters<typeof decide>[0]>();
  let alerts = 0;

  const widest = Math.max(
    1,
    ...monitors.flatMap(({ declaration }) => ('widen' in declaration ? declaration.widen : [])),
  );
  const history: WindowData[] = [];
  for (let window = 0; window < windows; window++) {
    const values = draw(inWindows, rowsPerWindow);
    const scores = scoresOf(rowsPerWindow);
    const data = dataOf(values, scores, labelsOf(scores), window, play, binSets, profile);
    history.push(data);
    if (history.length > widest) history.shift();
    onWindow?.(window, values, data, referenceValues, profile);
    for (const { monitor, declaration } of monitors) {
      const level = levels.get(monitor)!;
      const measurements = judge(widened(declaration, history, window, everyMs, profile, level), {
        ...{ project: 'p', model: 'm', monitor, declaration, revision: 0, evaluatedAtMs: 0, alpha: level.alpha },
        window: { startMs: window * everyMs, endMs: (window + 1) * everyMs },
      });
      for (const measurement of measurements) {
        if (!measurement.decides) continue;
        alerts += opens(states, measurement, declaration) ? 1 : 0;
        if (measurement.severity !== 'warning' && measurement.severity !== 'critical') continue;
        const key = `${measurement.feature} ${measurement.method}`;
        const ofMonitor = flagged.get(monitor)!;
        ofMonitor.set(key, [...(ofMonitor.get(key) ?? []), window]);
      }
    }
  }
  return { flagged, alerts, levels, profile, referenceValues };
}

function opens(
  states: Map<string, Parameters<typeof decide>[0]>,
  measurement: Measurement,
  declaration: MonitorDeclaration,
): boolean {
  const key = `${measurement.monitor} ${measurement.feature} ${measurement.method}`;
  const before = states.get(key);
  const { next } = decide(before, measurement, declaration);
  states.set(key, next);
  return next.status === 'firing' && before?.alertId !== next.alertId;
}

function widened(
  declaration: MonitorDeclaration,
  history: readonly WindowData[],
  window: number,
  everyMs: number,
  profile: ReferenceProfile,
  level: FalseAlarmLevel,
): PlacedMeasurement[] {
  const over = (width: number): PlacedMeasurement[] => {
    const data = mergeWindows(history.slice(-width), profile);
    const input = { declaration, task: 'binary', positiveClass: '1', profile, data, ...level } as const;
    const dataStartMs = (window + 1 - width) * everyMs;
    return measure(input).map((raw) => ({ ...raw, version: '1', segment: '', dataStartMs }));
  };
  let measurements = over(1);
  for (const width of 'widen' in declaration ? declaration.widen : []) {
    if (!needsWidening(measurements)) break;
    measurements = takeWider(measurements, over(width));
  }
  return measurements;
}

function dataOf(
  values: readonly (readonly (number | string)[])[],
  scores: readonly number[],
  labels: readonly string[],
  window: number,
  { rowsPerWindow, everyMs }: Play,
  binSets: ReadonlyMap<string, BinSet>,
  profile: ReferenceProfile,
): WindowData {
  const isNumeric = values.map((column) => typeof column[0] === 'number');
  const named = values.map((column, i) => ({ name: `f${i}`, column, numeric: isNumeric[i]! }));
  const numeric = named.filter((each) => each.numeric);
  const textual = named.filter((each) => !each.numeric);
  const step = Math.max(1, Math.floor(everyMs / MINUTE_MS / CELLS_PER_WINDOW));
  const minuteOf = (row: number): number => Math.floor((row * CELLS_PER_WINDOW) / rowsPerWindow) * step;
  const cells = cellsOfColumns(
    {
      ...{ project: 'p', model: 'm', version: '1', rows: rowsPerWindow },
      schema: {
        schemaId: 0,
        numberNames: numeric.map(({ name }) => name),
        textNames: textual.map(({ name }) => name),
        booleanNames: [],
      },
      timestampsMs: Float64Array.from(
        { length: rowsPerWindow },
        (_, row) => window * everyMs + minuteOf(row) * MINUTE_MS,
      ),
      idHashes: new Uint32Array(rowsPerWindow),
      numbers: numeric.map(({ column }) => Float64Array.from(column as readonly number[])),
      texts: textual.map(({ column }) => column as readonly string[]),
      ...{
        invalid: new Map(),
        segments: new Map(),
        labels,
        values: undefined,
        scores,
        latenciesMs: undefined,
        errors: undefined,
        sampleWeights: undefined,
      },
    },
    binSets,
  );
  const weights = { weight: rowsPerWindow, weightSquares: rowsPerWindow };
  const traffic = { n: rowsPerWindow, errors: 0, latencyCount: 0, latencyBins: [], ...weights };
  return { series: mergeCells(cells.features, profile), traffic, performance: NO_LABELS };
}

/** What the cells of a window add up to, as the store adds them. */
function mergeCells(cells: readonly FeatureCell[], profile: ReferenceProfile): SeriesData[] {
  const merged = new Map<string, SeriesData>(
    profile.series.map((reference) => [reference.series, emptyData(reference)]),
  );
  for (const { series, binIndexes, binCounts, ...cell } of cells) {
    const before = merged.get(series);
    if (before === undefined) continue;
    const counts = [...before.counts];
    binIndexes.forEach((index, i) => (counts[index]! += binCounts[i]!));
    merged.set(series, addUp(before, { ...before, ...cell, counts }, counts));
  }
  return [...merged.values()];
}

function mergeWindows(windows: readonly WindowData[], { series }: ReferenceProfile): WindowData {
  if (windows.length === 1) return windows[0]!;
  const merged = series.map((reference, i) =>
    windows.reduce((sum, { series: each }) => {
      const counts = sum.counts.map((count, bin) => count + each[i]!.counts[bin]!);
      return addUp(sum, each[i]!, counts);
    }, emptyData(reference)),
  );
  const n = windows.reduce((sum, { traffic }) => sum + traffic.n, 0);
  return { series: merged, traffic: { ...windows[0]!.traffic, n }, performance: NO_LABELS };
}

function addUp(left: SeriesData, right: SeriesData, counts: readonly number[]): SeriesData {
  return {
    ...left,
    n: left.n + right.n,
    missing: left.missing + right.missing,
    invalid: left.invalid + right.invalid,
    sum: left.sum + right.sum,
    sumSquares: left.sumSquares + right.sumSquares,
    min: Math.min(left.min, right.min),
    max: Math.max(left.max, right.max),
    counts,
  };
}

function emptyData({ series, binSetId, counts }: ReferenceSeries): SeriesData {
  const none = { n: 0, missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: Infinity, max: -Infinity };
  return { series, binSetId, ...none, counts: counts.map(() => 0) };
}

const NO_LABELS = {
  ...{ predicted: 0, labelled: 0, confusion: [], positives: [], negatives: [], scored: 0, sumLogLoss: 0, sumBrier: 0 },
  ...{ valued: 0, sumError: 0, sumAbsoluteError: 0, sumSquaredError: 0 },
} as unknown as WindowData['performance'];
