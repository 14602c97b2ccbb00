import {
  type DistributionPair,
  driftMethods,
  type Measurement,
  type Model,
  type ModelFeature,
  type ModelReportScope,
  PREDICTION_SERIES,
  qualityMetrics,
  SCORE_SERIES,
  type SeriesPoint,
  type SeriesSummary,
} from '@plumbline/contracts';
import { describeMeasurement, type FeatureRank, importanceOf, rankFeatures } from '@plumbline/monitoring';
import { readMovingReferences } from '@plumbline/references';
import {
  findFeatureImportance,
  findModelFeatures,
  listMeasurements,
  readReportedSeries,
  type Store,
  summarizeSeries,
} from '@plumbline/storage';
import { Problem } from '../../../http/problem.js';

/** Of one method, all versions: 90 days of hours. */
const MAX_POINTS = 2_200;

/** The distribution of a feature in one window, beside its reference. */
export interface FeatureWindow {
  readonly which: 'worst' | 'newest';
  readonly version: string;
  readonly point: SeriesPoint;
  /** The change in words; "" where it is not known. */
  readonly change: string;
  readonly distribution: DistributionPair | undefined;
}

export interface FeaturePageData {
  readonly feature: string;
  /** undefined for what the model answers. */
  readonly known: ModelFeature | undefined;
  /** Weight in force; undefined where none is known. */
  readonly importance: number | undefined;
  /** Every series of the feature: drift first, then quality. */
  readonly summaries: readonly SeriesSummary[];
  /** Of the method that tells most of drift, the oldest first; [] where none was measured. */
  readonly drift: readonly Measurement[];
  /** Of each rate of bad values that was measured, the oldest first. */
  readonly quality: readonly (readonly Measurement[])[];
  /** The newest window and, where another was out of bounds, the worst. */
  readonly windows: readonly FeatureWindow[];
}

/**
 * Reads what there is to know of a feature over a range: measurements and cells, no raw rows.
 * @throws Problem 404 when the model has no such feature
 */
export async function readFeaturePage(
  store: Store,
  { declaration }: Pick<Model, 'declaration'>,
  scope: ModelReportScope,
  feature: string,
): Promise<FeaturePageData> {
  const { project, model } = scope;
  const [features, uploaded, summaries] = await Promise.all([
    findModelFeatures(store, project, model),
    findFeatureImportance(store, project, model),
    summarizeSeries(store, scope, { feature }),
  ]);
  const known = features.find((each) => each.feature === feature);
  const isAnswer = feature === PREDICTION_SERIES || feature === SCORE_SERIES;
  if (feature === '' || (known === undefined && !isAnswer && summaries.length === 0)) {
    throw new Problem(404, `model "${model}" has no feature "${feature}": the page of the model lists its features`);
  }
  const [telling] = rankFeatures(summaries.filter(({ method }) => isOneOf(driftMethods, method)));
  const measured = (method: string): Promise<Measurement[]> => readMeasurements(store, scope, feature, method);
  const rates = qualityMetrics.filter((metric) => summaries.some(({ method }) => method === metric));
  const quality: Measurement[][] = [];
  for (const rate of rates) quality.push(await measured(rate));
  return {
    feature,
    known,
    importance: importanceOf(declaration.features, uploaded?.importance).get(feature),
    summaries,
    drift: telling === undefined ? [] : await measured(telling.worst.method),
    quality,
    windows: telling === undefined ? [] : await readWindows(store, scope, telling),
  };
}

async function readMeasurements(
  store: Store,
  { project, model, version, segment, fromMs, toMs }: ModelReportScope,
  feature: string,
  method: string,
): Promise<Measurement[]> {
  const of = { project, model, version, segment, feature, method };
  return (await listMeasurements(store, { ...of, fromMs, toMs, limit: MAX_POINTS })).reverse();
}

async function readWindows(
  store: Store,
  { project, model }: ModelReportScope,
  { worst, current }: FeatureRank,
): Promise<FeatureWindow[]> {
  const newest = await readWindow(store, { project, model }, 'newest', current, current.newest);
  const same = worst.version === current.version && worst.worst.windowEndMs === current.newest.windowEndMs;
  if (worst.breaches === 0 || same) return [newest];
  return [newest, await readWindow(store, { project, model }, 'worst', worst, worst.worst)];
}

async function readWindow(
  store: Store,
  key: { readonly project: string; readonly model: string },
  which: FeatureWindow['which'],
  { version, monitor, segment, feature, method }: SeriesSummary,
  point: SeriesPoint,
): Promise<FeatureWindow> {
  const measurement = { monitor, segment, feature, method, effectOfAll: NaN, ...point };
  const { references, cells } = await readReportedSeries(store, { ...key, version }, [measurement]);
  const moving = await readMovingReferences(store, key, [point.referenceId]);
  const { change, distribution } = describeMeasurement(measurement, { references: [...references, ...moving], cells });
  return { which, version, point, change, distribution };
}

function isOneOf(names: readonly string[], method: string): boolean {
  return names.includes(method);
}
