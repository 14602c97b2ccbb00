import type { ReferenceProfile } from '@plumbline/contracts';
import { findEffectiveReference, type Store, verifyCells } from '@plumbline/storage';
import type { Oracle } from '../oracle.js';
import type { Report } from '../report.js';
import { POSITIVE_CLASS, trafficModels } from '../traffic.js';
import { type ExpectedCells, expectedCells, type LabelledPrediction } from './expected-cells.js';
import { PROJECT, readRows } from './read-rows.js';

/** Sums of floats depend on their order. */
const TOLERANCE = 1e-9;
const FOREVER_MS = Date.UTC(2100, 0, 1);

/** Cells of a model by the same keys as those of ExpectedCells, each as one list of numbers. */
interface NumbersByKey {
  readonly series: Map<string, number[]>;
  readonly hourly: Map<string, number[]>;
  readonly traffic: Map<string, number[]>;
  readonly performance: Map<string, number[]>;
}

/** Judges the cells: as the store verifies them in SQL, and as the judge counts them from what was sent. */
export async function judgeCells(store: Store, oracle: Oracle, report: Report): Promise<void> {
  const verified: string[] = [];
  let cells = 0;
  const found = {
    series: [] as string[],
    hourly: [] as string[],
    traffic: [] as string[],
    performance: [] as string[],
  };
  let compared = 0;
  for (const [model, { name, versions, segment, timed }] of trafficModels.entries()) {
    const result = await verifyCells(store, {
      project: PROJECT,
      model: name,
      fromMs: 0,
      toMs: FOREVER_MS,
      positiveClass: POSITIVE_CLASS,
    });
    cells += result.cells;
    verified.push(
      ...result.mismatches.map(
        ({ version, segment: slice, series, minuteMs, raw, cell }) =>
          `${name}/${version}/${slice}/${series} at ${new Date(minuteMs).toISOString()}: raw ${raw.join(' ')}, cell ${cell.join(' ')}`,
      ),
    );
    if (!timed) continue;
    const profiles = new Map<string, ReferenceProfile>();
    for (const version of versions) {
      const profile = await findEffectiveReference(store, PROJECT, name, version);
      if (profile !== undefined) profiles.set(version, profile);
    }
    const wanted = numbersOf(expectedCells(sentOf(oracle, model), segment, (version) => profiles.get(version)));
    const stored = await readCells(store, name);
    for (const kind of ['series', 'hourly', 'traffic', 'performance'] as const) {
      compared += wanted[kind].size;
      found[kind].push(...differences(wanted[kind], stored[kind]).map((text) => `${name}/${text}`));
    }
  }
  const dirty = await readRows(
    store,
    `SELECT model, aspect, count(), toString(min(hour)), toString(max(hour)), min(touched_at), max(touched_at)
     FROM dirty_hour FINAL WHERE dirty = 1 AND model != 'untimed' GROUP BY model, aspect`,
  );
  report.check(
    'no hour of a closed window is left to be checked',
    dirty.map(
      ([model, aspect, hours, from, to, first, last]) =>
        `${String(model)}: ${String(hours)} hours touched by ${String(aspect)}, ${String(from)} to ${String(to)}, at ${String(first)} to ${String(last)}`,
    ),
  );
  report.check('the store verifies its cells against its raw rows', verified, `${cells} cells`);
  report.check('feature cells are what was sent', found.series, `${compared} hours of series in all`);
  report.check('hourly sums are what was sent', found.hourly);
  report.check('traffic cells are what was sent', found.traffic);
  report.check('performance cells are what was sent', found.performance);
}

function* sentOf(oracle: Oracle, model: number): Generator<LabelledPrediction> {
  for (let index = 0; index < oracle.issuedOf(model); index++) {
    if (!oracle.wasSent(model, index)) continue;
    yield { facts: oracle.traffic.prediction(model, index), label: oracle.labelOf(model, index) };
  }
}

/** Returns the keys whose numbers differ, with both sides. */
function differences(wanted: ReadonlyMap<string, number[]>, stored: ReadonlyMap<string, number[]>): string[] {
  const result: string[] = [];
  for (const key of new Set([...wanted.keys(), ...stored.keys()])) {
    const left = wanted.get(key) ?? [];
    const right = stored.get(key) ?? [];
    const same = left.length === right.length && left.every((value, i) => isClose(value, right[i]!));
    if (!same) result.push(`${key}: sent ${left.join(' ') || 'nothing'}, stored ${right.join(' ') || 'nothing'}`);
  }
  return result;
}

function isClose(left: number, right: number): boolean {
  return left === right || Math.abs(left - right) <= TOLERANCE * Math.max(1, Math.abs(left), Math.abs(right));
}

function numbersOf({ series, traffic, performance }: ExpectedCells): NumbersByKey {
  const ofSeries = new Map(
    [...series].map(([key, cell]) => [
      key,
      [
        cell.n,
        cell.missing,
        cell.invalid,
        cell.sum,
        cell.sumSquares,
        ...extremes(cell.min, cell.max),
        ...flat(cell.bins),
      ],
    ]),
  );
  return {
    series: ofSeries,
    hourly: ofSeries,
    traffic: new Map(
      [...traffic].map(([key, { n, errors, latencyN, weight, weightSquares }]) => [
        key,
        [n, errors, latencyN, weight, weightSquares],
      ]),
    ),
    performance: new Map(
      [...performance].map(([key, { labelled, confusion, scored }]) => [
        key,
        [labelled, scored, ...['0/0', '0/1', '1/0', '1/1'].map((pair) => confusion.get(pair) ?? 0)],
      ]),
    ),
  };
}

/** Without numbers there are no extremes. */
function extremes(min: number, max: number): number[] {
  return Number.isFinite(min) ? [min, max] : [];
}

function flat(bins: ReadonlyMap<number, number>): number[] {
  return [...bins].sort(([left], [right]) => left - right).flat();
}

async function readCells(store: Store, model: string): Promise<NumbersByKey> {
  const params = { project: PROJECT, model };
  const scope = 'project = {project:String} AND model = {model:String}';
  const columns = `sum(c.n), sum(c.missing), sum(c.invalid), sum(c.sum), sum(c.sum_squares), min(c.min), max(c.max), sumMap(c.bins)`;
  const hour = (column: string): string => `toUnixTimestamp(toStartOfHour(${column})) * 1000`;
  const series = async (table: string, time: string): Promise<Map<string, number[]>> => {
    // The series without a name vouches for the others of its minute.
    const sql = `SELECT version, segment, ${hour(time)} AS hour_ms, series, ${columns} FROM ${table}
                 WHERE ${scope} AND series != '' GROUP BY version, segment, hour_ms, series`;
    return byKey(await readRows(store, sql, params), 4, ([n, missing, invalid, sum, squares, min, max, bins]) => [
      Number(n),
      Number(missing),
      Number(invalid),
      Number(sum),
      Number(squares),
      ...(typeof min === 'number' ? [min, max as number] : []),
      ...pairs(bins as [number[], number[]]),
    ]);
  };
  const traffic = await readRows(
    store,
    `SELECT version, segment, ${hour('minute')} AS hour_ms, sum(n), sum(errors), sum(latency_n), sum(sum_weight),
            sum(sum_weight_squares) FROM traffic_cell
     WHERE ${scope} GROUP BY version, segment, hour_ms`,
    params,
  );
  // A key of confusion is the length of the predicted class, a colon, the predicted class, the true class.
  const confusion = ['1:00', '1:01', '1:10', '1:11'].map((key) => `sum(confusion['${key}'])`).join(', ');
  const performance = await readRows(
    store,
    `SELECT version, segment, ${hour('minute')} AS hour_ms, sum(labelled), sum(scored), ${confusion}
     FROM performance_cell FINAL WHERE ${scope} GROUP BY version, segment, hour_ms`,
    params,
  );
  return {
    series: await series('feature_cell AS c', 'minute'),
    hourly: await series('feature_cell_hour AS c FINAL', 'hour'),
    traffic: byKey(traffic, 3, (values) => values.map(Number)),
    performance: byKey(performance, 3, (values) => values.map(Number)),
  };
}

function byKey(
  rows: readonly unknown[][],
  keyColumns: number,
  numbers: (values: unknown[]) => number[],
): Map<string, number[]> {
  return new Map(rows.map((row) => [row.slice(0, keyColumns).join('/'), numbers(row.slice(keyColumns))]));
}

function pairs([indexes, counts]: [number[], number[]]): number[] {
  return indexes.flatMap((index, i) => [index, counts[i]!].map(Number)).filter((_, i, all) => all[i | 1]! > 0);
}
