import { createHash } from 'node:crypto';
import {
  type ColumnMapping,
  type FeatureKind,
  type FileFormat,
  type ModelDeclaration,
  type ModelFeature,
  PREDICTION_SERIES,
  type PerformanceSummary,
  type ReferenceProfile,
  type ReferenceSeries,
  SCORE_SERIES,
  type Task,
} from '@plumbline/contracts';
import { positiveClassOf } from '@plumbline/monitoring';
import { quantileFromNeighbours, quantilePosition } from '@plumbline/statistics';
import {
  type ChunkCut,
  countCategoryChunks,
  countNumberChunks,
  cutIntoChunks,
  describeSourceFile,
  describeSourceRange,
  measureFilePerformance,
  type MergedPerformance,
  mergePerformanceCells,
  type ReferenceSource,
  saveReference,
  saveReferenceSegments,
  selectOrderStatistics,
  type SourceColumn,
  type Store,
  summarizeCategories,
  summarizeNumbers,
  UnreadableSourceError,
  withSourceFile,
} from '@plumbline/storage';
import { type BuiltSeries, segmentBaselines } from './segment-baselines.js';

/** Fine bins of a numeric feature: divides into 10, 12, 15, 20, 24, 30, 40 and 60, so that deciles are an exact coalescing. */
const FINE_BINS = 120;
const DECILES = 10;
/** Parts of a reference that show how much its series vary by themselves. */
const CHUNKS = 10;
/** Categories counted one by one. */
const LISTED_CATEGORIES = 100;

/** Why a reference was refused; `field` is the column or setting at fault, `row` counts from 1 without the header. */
export class InvalidReferenceError extends Error {
  override readonly name = 'InvalidReferenceError';
  readonly retryable = false;
  constructor(
    message: string,
    readonly reason: 'unreadable' | 'no_rows' | 'unknown_column' | 'not_a_number' | 'boolean_as_text' | 'no_features',
    readonly field?: string,
    readonly row?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Past predictions of the version: somebody's choice of what is normal, or of use for their bins alone. */
export interface PeriodSource {
  readonly kind: 'fixed' | 'bins';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReferenceRequest {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly createdBy: string;
  readonly nowMs: number;
  readonly source:
    { readonly path: string; readonly format: FileFormat; readonly mapping: ColumnMapping } | PeriodSource;
  readonly declaration: ModelDeclaration;
  readonly features: readonly ModelFeature[];
  /** Called when the profile is built and about to be written: a source that is refused changes nothing. */
  readonly announce: () => Promise<void>;
  /** Values of performance metrics from merged counts, as windows compute them. */
  readonly performanceOf: (performance: MergedPerformance, positiveClass: string) => PerformanceSummary;
}

/** A series to build, and the column it comes from. */
interface SeriesPlan {
  readonly series: string;
  readonly column: string;
  readonly kind: FeatureKind;
  /** Classes are written as 1 and 0 where a file says true and false. */
  readonly isClass: boolean;
  /** Known to be text, so that "True" is the category of that name. */
  readonly isText: boolean;
}

/** How Python and spreadsheets write booleans into CSV; on the wire they are true and false. */
const BOOLEANS_AS_TEXT: ReadonlySet<string> = new Set(['True', 'False', 'TRUE', 'FALSE']);

/**
 * Builds and stores the profile of a reference: bins, counts, categories, missing rates and the model's own performance on it.
 * Nothing is visible before all of it is written.
 * @throws InvalidReferenceError naming column and row
 */
export async function createReference(store: Store, request: ReferenceRequest): Promise<ReferenceProfile> {
  const { project, model, version, source } = request;
  try {
    if ('path' in source) {
      return await withSourceFile(store, source.path, source.format, (file) => build(store, file, request));
    }
    const { fromMs, toMs } = source;
    return await build(store, { type: 'range', project, model, version, fromMs, toMs }, request);
  } catch (error) {
    if (!(error instanceof UnreadableSourceError)) throw error;
    throw new InvalidReferenceError(error.message, 'unreadable', error.column, error.row, { cause: error });
  }
}

async function build(store: Store, source: ReferenceSource, request: ReferenceRequest): Promise<ReferenceProfile> {
  const { project, model, version } = request;
  const mapping = 'mapping' in request.source ? request.source.mapping : undefined;
  const plans =
    source.type === 'file' && mapping !== undefined
      ? await planFile(store, source, mapping, request)
      : await planRange(store, source as Extract<ReferenceSource, { type: 'range' }>, request);
  const series: ReferenceSeries[] = [];
  const builtFrom: BuiltSeries[] = [];
  let rows = 0;
  const cut = await cutIntoChunks(store, source, plans[0]!.column, mapping?.timestamp, CHUNKS);
  for (const plan of plans) {
    const built =
      plan.kind === 'numeric'
        ? await buildNumeric(store, source, plan, cut)
        : await buildCategorical(store, source, plan, cut);
    rows = Math.max(rows, built.rows);
    if (built.series === undefined) continue;
    series.push(built.series);
    builtFrom.push({ ...plan, series: built.series });
  }
  if (rows === 0) {
    throw new InvalidReferenceError(
      'the reference has no rows: upload a file with data, or choose a range that holds predictions',
      'no_rows',
    );
  }
  series.sort((left, right) => (left.series < right.series ? -1 : 1));
  const { performance, labelled } = await measure(store, source, mapping, request, series);
  const sourceText =
    source.type === 'file'
      ? `${source.format} file of ${rows} rows`
      : `predictions from ${new Date(source.fromMs).toISOString()} to ${new Date(source.toMs).toISOString()}`;
  const profile: ReferenceProfile = {
    project,
    model,
    version,
    kind: source.type === 'file' ? 'uploaded' : (request.source as PeriodSource).kind,
    referenceId: sha256(JSON.stringify([version, series, performance])).slice(0, 32),
    createdAtMs: request.nowMs,
    createdBy: request.createdBy,
    source: sourceText,
    n: rows,
    series,
    performance,
    ...(labelled === 0 ? {} : { labelled }),
  };
  const segments = await segmentBaselines(store, source, builtFrom, request);
  await request.announce();
  await saveReferenceSegments(store, profile, segments, request.nowMs);
  await saveReference(store, profile);
  return profile;
}

async function planFile(
  store: Store,
  source: Extract<ReferenceSource, { type: 'file' }>,
  mapping: ColumnMapping,
  request: ReferenceRequest,
): Promise<SeriesPlan[]> {
  const columns = await describeSourceFile(store, source);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const { features: chosen, ignore, ...roles } = mapping;
  const named = [...(chosen ?? []), ...ignore, ...Object.values(roles)];
  const unknown = named.find((name) => name !== undefined && !byName.has(name));
  if (unknown !== undefined) {
    const known = columns.map(({ name }) => name).join(', ');
    throw new InvalidReferenceError(`the file has no column "${unknown}"; it has: ${known}`, 'unknown_column', unknown);
  }
  const taken = new Set<string | undefined>([...Object.values(roles), ...ignore]);
  const featureColumns = chosen?.map((name) => byName.get(name)!) ?? columns.filter(({ name }) => !taken.has(name));
  const plans = featurePlans(featureColumns, request.features);
  if (plans.length === 0 && roles.prediction === undefined && roles.score === undefined) {
    throw new InvalidReferenceError('no column of the file can serve as a feature: check the mapping', 'no_features');
  }
  if (roles.prediction !== undefined) {
    const column = byName.get(roles.prediction)!;
    const task = await taskOf(store, source, column, roles.score !== undefined, request.declaration.task);
    const kind: FeatureKind = task === 'regression' ? 'numeric' : 'categorical';
    plans.push({
      series: PREDICTION_SERIES,
      column: column.name,
      kind,
      isClass: kind === 'categorical',
      isText: false,
    });
  }
  if (roles.score !== undefined)
    plans.push({ series: SCORE_SERIES, column: roles.score, kind: 'numeric', isClass: false, isText: false });
  if (roles.label !== undefined && byName.get(roles.label)?.kind === 'categorical') {
    const { categories } = await summarizeCategories(store, source, roles.label, LISTED_CATEGORIES);
    refuseBooleansAsText(roles.label, categories);
  }
  return plans;
}

async function planRange(
  store: Store,
  source: Extract<ReferenceSource, { type: 'range' }>,
  request: ReferenceRequest,
): Promise<SeriesPlan[]> {
  const plans = featurePlans(await describeSourceRange(store, source), request.features);
  const answer = { series: PREDICTION_SERIES, column: PREDICTION_SERIES, isClass: true, isText: true };
  const regression = request.declaration.task === 'regression';
  return [
    ...plans,
    { ...answer, kind: regression ? 'numeric' : 'categorical' },
    { series: SCORE_SERIES, column: SCORE_SERIES, kind: 'numeric', isClass: false, isText: false },
  ];
}

/** A known kind wins over what the column's type suggests, so that a 0/1 column can be a category. */
function featurePlans(columns: readonly SourceColumn[], features: readonly ModelFeature[]): SeriesPlan[] {
  const kinds = new Map(features.map(({ feature, kind }) => [feature, kind]));
  return columns.flatMap(({ name, kind }) => {
    const effective = kinds.get(name) ?? kind;
    const isText = kinds.get(name) === 'categorical';
    return effective === undefined ? [] : [{ series: name, column: name, kind: effective, isClass: false, isText }];
  });
}

/**
 * Compared with the booleans that a service sends, such a column would be another thing altogether: every value unseen.
 * @throws InvalidReferenceError when all values are booleans as CSV has them from Python
 */
function refuseBooleansAsText(column: string, categories: readonly { readonly category: string }[]): void {
  if (categories.length === 0 || !categories.every(({ category }) => BOOLEANS_AS_TEXT.has(category))) return;
  throw new InvalidReferenceError(
    `column "${column}" holds True and False as text, which is not what services send as true and false: write true and false, or 1 and 0 ` +
      `(pandas: frame["${column}"].astype(int)), or declare the feature as categorical if "True" is the name of a category`,
    'boolean_as_text',
    column,
  );
}

async function taskOf(
  store: Store,
  source: ReferenceSource,
  column: SourceColumn,
  hasScore: boolean,
  declared: Task | undefined,
): Promise<Task> {
  if (declared !== undefined) return declared;
  if (hasScore) return 'binary';
  if (column.kind !== 'numeric') return 'multiclass';
  const { distinct, values } = await summarizeNumbers(store, source, column.name);
  // Few whole numbers are classes; anything else is a quantity.
  return distinct <= 20 && values.every(Number.isInteger) ? 'multiclass' : 'regression';
}

async function buildNumeric(
  store: Store,
  source: ReferenceSource,
  { series, column }: SeriesPlan,
  cut: ChunkCut,
): Promise<{ rows: number; series: ReferenceSeries | undefined }> {
  const summary = await summarizeNumbers(store, source, column);
  if (summary.bad > 0) {
    throw new InvalidReferenceError(
      `column "${column}" holds a text that is no number in row ${summary.badRow}: correct it, or declare the feature as categorical`,
      'not_a_number',
      column,
      summary.badRow,
    );
  }
  const n = summary.rows - summary.missing - summary.invalid;
  if (series.startsWith('$') && n === 0) return { rows: summary.rows, series: undefined };
  const positions = (binCount: number): { index: number; t: number }[] =>
    n === 0 ? [] : Array.from({ length: binCount - 1 }, (_, k) => quantilePosition(n, k + 1, binCount));
  const wanted = positions(FINE_BINS);
  const needed = [...new Set(wanted.flatMap(({ index }) => [index, Math.min(index + 1, n - 1)]))];
  const values = new Map<number, number>();
  const found = needed.length === 0 ? [] : await selectOrderStatistics(store, source, column, needed);
  needed.forEach((position, i) => values.set(position, found[i]!));
  const quantile = ({ index, t }: { index: number; t: number }): number =>
    quantileFromNeighbours(values.get(index)!, values.get(Math.min(index + 1, n - 1))!, t);
  const deciles = ascendingUnique(wanted.filter((_, k) => (k + 1) % (FINE_BINS / DECILES) === 0).map(quantile));
  // A bin per value where there are few; the decile edges belong to the bins in either case.
  const fine = summary.values.length > 0 ? summary.values : withAtoms(wanted.map(quantile));
  // The outermost bins hold nothing of the reference, so what comes there is out of its range.
  const range = n === 0 ? [] : [summary.min, nextUp(summary.max)].filter(Number.isFinite);
  const edges = ascendingUnique([...fine, ...deciles, ...range]);
  const chunks = await countNumberChunks(store, source, column, edges, cut);
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const chunk of chunks) chunk.counts.forEach((count, bin) => (counts[bin]! += count));
  return {
    rows: summary.rows,
    series: withId({
      series,
      kind: 'numeric',
      edges,
      decileEdgeIndexes: deciles.map((edge) => edges.indexOf(edge)),
      categories: [],
      otherHashes: [],
      counts,
      n,
      missing: summary.missing,
      invalid: summary.invalid,
      mean: summary.mean,
      std: summary.std,
      min: summary.min,
      max: summary.max,
      chunks,
    }),
  };
}

async function buildCategorical(
  store: Store,
  source: ReferenceSource,
  { series, column, kind, isClass, isText }: SeriesPlan,
  cut: ChunkCut,
): Promise<{ rows: number; series: ReferenceSeries | undefined }> {
  const summary = await summarizeCategories(store, source, column, LISTED_CATEGORIES);
  if (source.type === 'file' && !isText) refuseBooleansAsText(column, summary.categories);
  const n = summary.rows - summary.missing;
  if (series.startsWith('$') && n === 0) return { rows: summary.rows, series: undefined };
  const listed = summary.categories.reduce((sum, category) => sum + category.n, 0);
  const texts = summary.categories.map(({ category }) => category);
  const chunks = await countCategoryChunks(store, source, column, texts, cut);
  const asClass = (category: string): string => (category === 'true' ? '1' : category === 'false' ? '0' : category);
  return {
    rows: summary.rows,
    series: withId({
      series,
      kind,
      edges: [],
      decileEdgeIndexes: [],
      categories: isClass ? texts.map(asClass) : texts,
      otherHashes: summary.otherHashes,
      counts: [...summary.categories.map((category) => category.n), n - listed, 0],
      n,
      missing: summary.missing,
      invalid: 0,
      mean: 0,
      std: 0,
      min: 0,
      max: 0,
      chunks,
      singletons: summary.singletons,
    }),
  };
}

function withId(series: Omit<ReferenceSeries, 'binSetId'>): ReferenceSeries {
  const content = JSON.stringify([series.series, series.kind, series.edges, series.categories, series.otherHashes]);
  return { ...series, binSetId: sha256(content).slice(0, 16) };
}

async function measure(
  store: Store,
  source: ReferenceSource,
  mapping: ColumnMapping | undefined,
  request: ReferenceRequest,
  series: readonly ReferenceSeries[],
): Promise<{ readonly performance: PerformanceSummary; readonly labelled: number }> {
  const classes = series.find((one) => one.series === PREDICTION_SERIES)?.categories ?? ['0', '1'];
  const positiveClass = positiveClassOf(request.declaration, classes) ?? '';
  let merged: MergedPerformance;
  if (source.type === 'range') {
    merged = await mergePerformanceCells(store, { ...source, segment: '' });
  } else {
    if (mapping?.label === undefined || (mapping.prediction === undefined && mapping.score === undefined))
      return { performance: {}, labelled: 0 };
    const columns = { prediction: mapping.prediction ?? '', score: mapping.score ?? '', label: mapping.label };
    merged = await measureFilePerformance(store, source, columns, positiveClass);
  }
  // Classes written as 0 and 1 have no mean error.
  const answers = series.find((one) => one.series === PREDICTION_SERIES);
  if (answers !== undefined && answers.kind !== 'numeric') merged = { ...merged, valued: 0 };
  const values = Object.entries(request.performanceOf(merged, positiveClass));
  const performance = Object.fromEntries(values.filter(([, value]) => Number.isFinite(value)));
  return { performance, labelled: merged.labelled };
}

/**
 * Quantiles, and the end of a bin of its own for each that repeats: so many rows have just that value (a zero-inflated feature), and with
 * others in their bin nobody could say where these rows lie.
 */
function withAtoms(quantiles: readonly number[]): number[] {
  const atoms = quantiles.filter((value, k) => k > 0 && value === quantiles[k - 1]);
  return [...quantiles, ...atoms.map(nextUp)];
}

/** The next larger double of a finite value. */
function nextUp(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value === 0 ? 0 : value);
  const ordinal = bits.getBigInt64(0);
  bits.setBigInt64(0, ordinal >= 0n ? ordinal + 1n : ordinal - 1n);
  return bits.getFloat64(0);
}

function ascendingUnique(values: readonly number[]): number[] {
  return [...new Set(values)].sort((left, right) => left - right);
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
