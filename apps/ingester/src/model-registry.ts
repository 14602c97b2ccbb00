import { createHash } from 'node:crypto';
import {
  type FeatureKind,
  type FeatureSchema,
  firstFeature,
  type ModelFeature,
  type Model,
  modelDeclarationSchema,
  type PredictionColumns,
  recordKey,
  type Segment,
} from '@plumbline/contracts';
import {
  type BinSet,
  compileBinSet,
  featureSchema,
  inferKind,
  newSegmentValues,
  positiveClassOf,
  segmentValuesOf,
} from '@plumbline/monitoring';
import {
  findEffectiveReference,
  type FeaturesOfModel,
  findClassesOfModels,
  findKindsOfModels,
  findModels,
  findModelsWithReference,
  findRecentPredictionIds,
  findSegmentValuesOfModels,
  type ModelKey,
  saveFeatureSchemas,
  saveFeaturesOfModels,
  saveModels,
  saveSegmentValues,
  type SegmentValuesOfModel,
  type Store,
} from '@plumbline/storage';
import { RecentIds } from './recent-ids.js';

/** What the ingester knows of a model while it owns it. */
export interface KnownModel {
  readonly project: string;
  readonly model: string;
  readonly kinds: Map<string, FeatureKind>;
  schema: FeatureSchema;
  readonly segments: readonly Segment[];
  /** Values with a segment of their own, by the name of their declaration. */
  readonly segmentValues: Map<string, Set<string>>;
  readonly positiveClass: string | undefined;
  /** Whether any version has one: most models of a fleet may not, and are not asked about. */
  readonly hasReference: boolean;
  readonly binSets: Map<string, ReadonlyMap<string, BinSet> | undefined>;
  readonly recentIds: RecentIds;
}

/** Predictions of a batch, with what is known of their model. */
export interface ModelColumns {
  readonly known: KnownModel;
  readonly columns: PredictionColumns;
}

const RECENT_IDS = 100_000;
const RECENT_MS = 24 * 3_600_000;
const REGISTRATION_MARGIN_MS = 60_000;

/**
 * Models as the ingester needs them: loaded once, registered and taught new features from their events, reloaded on request.
 * Works on many models at a time, because a batch after a restart may bring thousands of them.
 */
export class ModelRegistry {
  private readonly models = new Map<string, KnownModel>();
  private readonly savedSchemas = new Set<number>();
  /** Models whose events another process may have stored meanwhile. */
  private readonly doubtful = new Set<string>();
  /** Loads run one after the other: the partitions of predictions and of labels may ask for one model at once. */
  private loading: Promise<unknown> = Promise.resolve();

  /** @param maxFeatures of a model; what comes beyond is kept with the raw row, without statistics of its own */
  constructor(
    private readonly store: Store,
    private readonly maxFeatures: number,
  ) {}

  /** The models in the order of the keys, loaded or registered. */
  async get(keys: readonly ModelKey[], nowMs: number): Promise<KnownModel[]> {
    await this.alone(async () => {
      const missing = keys.filter((key) => !this.isCurrent(recordKey(key.project, key.model)));
      await this.load(missing, nowMs);
    });
    return keys.map(({ project, model }) => this.models.get(recordKey(project, model))!);
  }

  /** Forgets which predictions of the model came lately: another process may have stored some since. */
  forgetRecent(project: string, model: string): void {
    this.doubtful.add(recordKey(project, model));
  }

  private isCurrent(key: string): boolean {
    return this.models.has(key) && !this.doubtful.has(key);
  }

  /** What this process takes for the positive class of a model, if it knows the model. */
  positiveClass(
    project: string,
    model: string,
  ): { readonly known: boolean; readonly positiveClass: string | undefined } {
    const known = this.models.get(recordKey(project, model));
    return { known: known !== undefined, positiveClass: known?.positiveClass };
  }

  /** Reads declaration, kinds and references of a model again; what was remembered of recent ids stays. */
  async reload(project: string, model: string, nowMs: number): Promise<KnownModel> {
    await this.alone(() => this.load([{ project, model }], nowMs));
    return this.models.get(recordKey(project, model))!;
  }

  private async alone(work: () => Promise<void>): Promise<void> {
    const mine = this.loading.then(work, work);
    this.loading = mine;
    await mine;
  }

  private async load(keys: readonly ModelKey[], nowMs: number): Promise<void> {
    if (keys.length === 0) return;
    const keyOf = ({ project, model }: ModelKey): string => recordKey(project, model);
    const stored = new Map((await findModels(this.store, keys)).map((model) => [keyOf(model), model]));
    const unknown = keys.filter((key) => !stored.has(keyOf(key)));
    const registered = unknown.map(({ project, model }): Model => ({
      project,
      model,
      declaration: modelDeclarationSchema.parse({}),
      origin: 'inferred',
      // A declaration that is being written at this moment must outrank it.
      updatedAtMs: nowMs - REGISTRATION_MARGIN_MS,
      updatedBy: 'ingester',
    }));
    await saveModels(this.store, registered);
    for (const model of registered) stored.set(keyOf(model), model);

    const existing = keys.filter((key) => !unknown.includes(key));
    const kinds = await findKindsOfModels(this.store, existing);
    const undeclared = existing.filter((key) => stored.get(keyOf(key))!.declaration.positive_class === undefined);
    const classes = await findClassesOfModels(this.store, undeclared);
    const strangers = existing.filter((key) => !this.isCurrent(keyOf(key)));
    const recent = await findRecentPredictionIds(this.store, strangers, nowMs - RECENT_MS, RECENT_IDS);
    const referenced = await findModelsWithReference(this.store, existing);
    const split = existing.filter((key) => stored.get(keyOf(key))!.declaration.segments.some(learnsValues));
    const learnedValues = await findSegmentValuesOfModels(this.store, split);
    for (const { project, model } of keys) {
      const key = recordKey(project, model);
      const { declaration } = stored.get(key)!;
      const recentIds = (this.isCurrent(key) && this.models.get(key)?.recentIds) || new RecentIds(RECENT_IDS);
      for (const id of (recent.get(key) ?? []).reverse()) recentIds.add(id);
      const ofModel = kinds.get(key) ?? new Map<string, FeatureKind>();
      this.models.set(key, {
        project,
        model,
        kinds: ofModel,
        schema: featureSchema(ofModel, sha256),
        segments: declaration.segments,
        segmentValues: segmentValuesOf(declaration.segments, learnedValues.get(key) ?? new Map()),
        positiveClass: positiveClassOf(declaration, classes.get(key) ?? []),
        hasReference: referenced.has(key),
        binSets: new Map(),
        recentIds,
      });
      this.doubtful.delete(key);
    }
  }

  /** Learns the kinds of features that predictions bring for the first time, and writes them before any row uses them. */
  async learn(batch: readonly ModelColumns[], nowMs: number): Promise<void> {
    const learned = new Map<KnownModel, Map<string, FeatureKind>>();
    for (const { known, columns } of batch) {
      for (const [feature, kind] of this.newKinds(known, columns, learned.get(known))) {
        let kinds = learned.get(known);
        if (kinds === undefined) learned.set(known, (kinds = new Map<string, FeatureKind>()));
        kinds.set(feature, kind);
      }
    }
    const rows = [...learned].map(([{ project, model }, kinds]): FeaturesOfModel => ({
      project,
      model,
      features: [...kinds].map(([feature, kind]): ModelFeature => ({ feature, kind, origin: 'inferred' })),
    }));
    await saveFeaturesOfModels(this.store, rows, nowMs);
    // Only now: had the write failed, the next delivery must learn them again.
    for (const [known, kinds] of learned) {
      for (const [feature, kind] of kinds) known.kinds.set(feature, kind);
      known.schema = featureSchema(known.kinds, sha256);
    }
    await this.learnSegmentValues(batch, nowMs);
    const schemas = new Map(batch.map(({ known }) => [known.schema.schemaId, known.schema]));
    const unsaved = [...schemas.values()].filter(({ schemaId }) => !this.savedSchemas.has(schemaId));
    await saveFeatureSchemas(this.store, unsaved);
    for (const { schemaId } of unsaved) this.savedSchemas.add(schemaId);
  }

  /** Gives values of segments a segment of their own, while there is room, and writes that before any row is stored in one. */
  private async learnSegmentValues(batch: readonly ModelColumns[], nowMs: number): Promise<void> {
    const learned = new Map<KnownModel, Map<string, string[]>>();
    for (const { known, columns } of batch) {
      if (!known.segments.some(learnsValues)) continue;
      const earlier = learned.get(known) ?? new Map<string, string[]>();
      const soFar = new Map(
        [...known.segmentValues].map(([name, values]) => [name, withAll(values, earlier.get(name))]),
      );
      for (const [name, values] of newSegmentValues(columns, known.schema, known.segments, soFar))
        earlier.set(name, [...(earlier.get(name) ?? []), ...values]);
      if (earlier.size > 0) learned.set(known, earlier);
    }
    const rows = [...learned].map(([{ project, model }, values]): SegmentValuesOfModel => ({ project, model, values }));
    await saveSegmentValues(this.store, rows, nowMs);
    // Only now: had the write failed, the next delivery must learn them again.
    for (const [known, values] of learned) {
      for (const [name, ofName] of values)
        known.segmentValues.set(name, withAll(known.segmentValues.get(name), ofName));
    }
  }

  /** @param learned earlier in the same batch */
  private newKinds(
    known: KnownModel,
    { features }: PredictionColumns,
    learned: ReadonlyMap<string, FeatureKind> = new Map(),
  ): Map<string, FeatureKind> {
    const kinds = new Map<string, FeatureKind>();
    for (const [feature, values] of features) {
      if (known.kinds.has(feature) || learned.has(feature)) continue;
      if (known.kinds.size + learned.size + kinds.size >= this.maxFeatures) break;
      const kind = inferKind(firstFeature(values));
      if (kind !== undefined) kinds.set(feature, kind);
    }
    return kinds;
  }

  /** Bin sets of a version: of its own reference, else of the model's newest; loads them on first use. */
  async binSets(known: KnownModel, version: string): Promise<ReadonlyMap<string, BinSet> | undefined> {
    if (!known.hasReference) return undefined;
    if (!known.binSets.has(version)) {
      const profile = await findEffectiveReference(this.store, known.project, known.model, version);
      known.binSets.set(
        version,
        profile && new Map(profile.series.map((series) => [series.series, compileBinSet(series)])),
      );
    }
    return known.binSets.get(version);
  }
}

function learnsValues({ by, values }: Segment): boolean {
  return by !== undefined && values === undefined;
}

function withAll(values: ReadonlySet<string> = new Set(), added: readonly string[] = []): Set<string> {
  return new Set([...values, ...added]);
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
