import type { ReferenceProfile, ReferenceSeries } from '@plumbline/contracts';
import { type Feature, featureKinds, type LabelFacts, type PredictionFacts } from '../traffic.js';

const HOUR_MS = 3_600_000;

/** Statistics of one series in one hour, counted by the judge from what was sent, without a line of the service's code. */
export interface ExpectedSeries {
  n: number;
  missing: number;
  invalid: number;
  sum: number;
  sumSquares: number;
  min: number;
  max: number;
  readonly bins: Map<number, number>;
}

export interface ExpectedTraffic {
  n: number;
  errors: number;
  latencyN: number;
  weight: number;
  weightSquares: number;
}

export interface ExpectedPerformance {
  labelled: number;
  /** By "predicted/true". */
  readonly confusion: Map<string, number>;
  scored: number;
}

/** Everything about the hours of a model; keys are `version/segment/hour` and, of series, `…/series`. */
export interface ExpectedCells {
  readonly series: Map<string, ExpectedSeries>;
  readonly traffic: Map<string, ExpectedTraffic>;
  readonly performance: Map<string, ExpectedPerformance>;
}

/** A prediction with the label that holds. */
export interface LabelledPrediction {
  readonly facts: PredictionFacts;
  readonly label: LabelFacts | undefined;
}

/**
 * Returns what the cells of the predictions must add up to.
 * @param profileOf the reference of a version, whose edges and categories are the bins
 */
export function expectedCells(
  predictions: Iterable<LabelledPrediction>,
  segment: string | undefined,
  profileOf: (version: string) => ReferenceProfile | undefined,
): ExpectedCells {
  const cells: ExpectedCells = { series: new Map(), traffic: new Map(), performance: new Map() };
  for (const { facts, label } of predictions) {
    const profile = profileOf(facts.version);
    const hourMs = Math.floor(facts.timestampMs! / HOUR_MS) * HOUR_MS;
    for (const slice of segment !== undefined && facts.country === 'DE' ? ['', segment] : ['']) {
      const key = `${facts.version}/${slice}/${hourMs}`;
      addTraffic(
        entry(cells.traffic, key, () => ({ n: 0, errors: 0, latencyN: 0, weight: 0, weightSquares: 0 })),
        facts,
      );
      addFeatures(cells.series, key, facts, profile);
      if (label !== undefined) {
        addPerformance(
          entry(cells.performance, key, () => ({ labelled: 0, confusion: new Map(), scored: 0 })),
          facts,
          label,
        );
      }
    }
  }
  for (const [key, { n, missing, invalid }] of cells.series) if (n + missing + invalid === 0) cells.series.delete(key);
  return cells;
}

function addTraffic(traffic: ExpectedTraffic, { error, latencyMs, sampleRate }: PredictionFacts): void {
  traffic.n++;
  if (error !== '') traffic.errors++;
  if (latencyMs !== undefined) traffic.latencyN++;
  const weight = 1 / (sampleRate ?? 1);
  traffic.weight += weight;
  traffic.weightSquares += weight * weight;
}

function addFeatures(
  series: Map<string, ExpectedSeries>,
  key: string,
  { features, label, score }: PredictionFacts,
  profile: ReferenceProfile | undefined,
): void {
  const add = (name: string, kind: string, value: Feature | undefined, countMissing: boolean): void => {
    const reference = profile?.series.find((each) => each.series === name);
    addValue(entry(series, `${key}/${name}`, emptySeries), kind, value, reference, countMissing);
  };
  for (const [name, kind] of Object.entries(featureKinds)) add(name, kind, features[name], true);
  // What the model answered is compared with a reference or not counted at all; scores are summed in any case.
  if (profile !== undefined) add('$prediction', 'categorical', label, true);
  add('$score', 'numeric', score, profile !== undefined);
}

function addValue(
  cell: ExpectedSeries,
  kind: string,
  value: Feature | undefined,
  reference: ReferenceSeries | undefined,
  countMissing: boolean,
): void {
  if (value === null || value === undefined) {
    if (countMissing) cell.missing++;
    return;
  }
  if (kind === 'numeric' && typeof value !== 'number') {
    cell.invalid++;
    return;
  }
  cell.n++;
  if (typeof value === 'number') {
    cell.sum += value;
    cell.sumSquares += value * value;
    cell.min = Math.min(cell.min, value);
    cell.max = Math.max(cell.max, value);
  }
  if (reference === undefined) return;
  const bin = typeof value === 'number' ? numberBin(reference, value) : textBin(reference, String(value));
  cell.bins.set(bin, (cell.bins.get(bin) ?? 0) + 1);
}

/** Bin i is [edges[i-1], edges[i]), the outer ones are open. */
function numberBin({ edges }: ReferenceSeries, value: number): number {
  return edges.filter((edge) => edge <= value).length;
}

/** The references of a run list all their categories, so what is not listed is unseen: the last bin, after "other". */
function textBin({ categories }: ReferenceSeries, value: string): number {
  const index = categories.indexOf(value);
  return index >= 0 ? index : categories.length + 1;
}

function addPerformance(performance: ExpectedPerformance, { label, score }: PredictionFacts, truth: LabelFacts): void {
  performance.labelled++;
  const pair = `${label ?? ''}/${truth.label}`;
  if (label !== undefined) performance.confusion.set(pair, (performance.confusion.get(pair) ?? 0) + 1);
  if (score !== undefined) performance.scored++;
}

function emptySeries(): ExpectedSeries {
  return { n: 0, missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: Infinity, max: -Infinity, bins: new Map() };
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
