import {
  DEFAULT_SEGMENT_VALUES,
  type FeatureKind,
  type ModelDeclaration,
  type ModelFeature,
  type ReferenceSeries,
  type Segment,
} from '@plumbline/contracts';
import { mayOwnSegment, otherSegment, segmentValuesOf, valueSegment } from '@plumbline/monitoring';
import {
  countSegments,
  describeSourceFile,
  findSegmentValuesOfModels,
  type ReferenceSegment,
  type ReferenceSource,
  saveSegmentValues,
  type SegmentColumn,
  type SegmentCondition,
  selectSegmentValues,
  type SourceSegments,
  type Store,
} from '@plumbline/storage';

/** Values looked at for those that may own a segment: some may be too long. */
const CANDIDATES_PER_VALUE = 5;

/** What segments of a reference are counted for. */
export interface SegmentRequest {
  readonly project: string;
  readonly model: string;
  readonly nowMs: number;
  readonly declaration: ModelDeclaration;
  readonly features: readonly ModelFeature[];
}

/** A series of the reference and the column it was built from. */
export interface BuiltSeries {
  readonly series: ReferenceSeries;
  readonly column: string;
  readonly isClass: boolean;
}

/**
 * Returns what each segment of a reference adds up to over the bins of the whole, so that a segment is compared with its own past
 * and not with that of all. Past predictions are in
 * the segments that they were stored with. Of a file, values get a segment of their own by their frequency, while there is room; segments told
 * by a column that the file lacks have no rows in it.
 * @throws UnreadableSourceError
 */
export async function segmentBaselines(
  store: Store,
  source: ReferenceSource,
  built: readonly BuiltSeries[],
  request: SegmentRequest,
): Promise<ReferenceSegment[]> {
  const { segments } = request.declaration;
  if (segments.length === 0) return [];
  const told = source.type === 'range' ? [] : await segmentsOfFile(store, source, request);
  if (source.type !== 'range' && told.length === 0) return [];
  const baselines: ReferenceSegment[] = [];
  for (const each of built) {
    const ofSegments = await countSegments(store, source, told, each);
    for (const [segment, counts] of ofSegments) baselines.push({ segment, series: each.series.series, counts });
  }
  return baselines;
}

async function segmentsOfFile(
  store: Store,
  source: Extract<ReferenceSource, { type: 'file' }>,
  request: SegmentRequest,
): Promise<SourceSegments[]> {
  const columns = await describeSourceFile(store, source);
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
  for (const { feature, kind } of request.features) if (kinds.has(feature)) kinds.set(feature, kind);
  const values = await valuesOfFile(store, source, kinds, request);
  return request.declaration.segments.flatMap((segment): SourceSegments[] => {
    const { name, where, by } = segment;
    if (by !== undefined) {
      if (!kinds.has(by)) return [];
      const own = [...(values.get(name) ?? [])];
      return [{ prefix: valueSegment(name, ''), other: otherSegment(name), by: columnOf(by, kinds), values: own }];
    }
    const conditions = Object.entries(where ?? {}).map(([key, wanted]) => conditionOf(key, wanted, kinds));
    return conditions.every((condition) => condition !== undefined) ? [{ segment: name, conditions }] : [];
  });
}

/** Values with a segment of their own: those that have one, then the most frequent of the file, which are learned here. */
async function valuesOfFile(
  store: Store,
  source: Extract<ReferenceSource, { type: 'file' }>,
  kinds: ReadonlyMap<string, FeatureKind | undefined>,
  { project, model, declaration: { segments }, nowMs }: SegmentRequest,
): Promise<Map<string, Set<string>>> {
  const learned = await findSegmentValuesOfModels(store, [{ project, model }]);
  const known = segmentValuesOf(segments, learned.get(`${project}/${model}`) ?? new Map());
  const added = new Map<string, string[]>();
  for (const { name, by, values, limit = DEFAULT_SEGMENT_VALUES } of segments) {
    const own = known.get(name);
    if (by === undefined || own === undefined || values !== undefined || !kinds.has(by)) continue;
    const room = limit - own.size;
    if (room <= 0) continue;
    const candidates = await selectSegmentValues(store, source, columnOf(by, kinds), limit * CANDIDATES_PER_VALUE);
    const fresh = candidates.filter((value) => !own.has(value) && mayOwnSegment(value)).slice(0, room);
    if (fresh.length > 0) added.set(name, fresh);
    for (const value of fresh) own.add(value);
  }
  await saveSegmentValues(store, [{ project, model, values: added }], nowMs);
  return known;
}

function columnOf(column: string, kinds: ReadonlyMap<string, FeatureKind | undefined>): SegmentColumn {
  return { column, numeric: kinds.get(column) === 'numeric' };
}

/** undefined: no row of the file can fulfil it. */
function conditionOf(
  key: string,
  wanted: NonNullable<Segment['where']>[string],
  kinds: ReadonlyMap<string, FeatureKind | undefined>,
): SegmentCondition | undefined {
  if (!kinds.has(key)) return undefined;
  const column = columnOf(key, kinds);
  if (typeof wanted !== 'object') return { ...column, equals: String(wanted) };
  const { from = -Infinity, to = Infinity } = wanted;
  return column.numeric ? { ...column, from, to } : undefined;
}
