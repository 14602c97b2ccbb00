import { createHash } from 'node:crypto';
import {
  classText,
  type FeatureKind,
  type FeatureSchema,
  type ModelFeature,
  modelDeclarationSchema,
  type PredictionEvent,
  type Segment,
} from '@plumbline/contracts';
import { type BinSet, compileBinSet, featureSchema, inferKind } from '@plumbline/monitoring';
import {
  findEffectiveReference,
  findModel,
  findModelFeatures,
  listClasses,
  listRecentPredictionIds,
  saveFeatureSchema,
  saveModel,
  saveModelFeatures,
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
  positiveClass: string | undefined;
  readonly binSets: Map<string, ReadonlyMap<string, BinSet> | undefined>;
  readonly recentIds: RecentIds;
}

const RECENT_IDS = 100_000;
const RECENT_MS = 24 * 3_600_000;

/** Models as the ingester needs them: loaded once, registered and taught new features from their events, reloaded on request. */
export class ModelRegistry {
  private readonly models = new Map<string, KnownModel>();

  /** @param maxFeatures of a model; what comes beyond is kept with the raw row, without statistics of its own */
  constructor(
    private readonly store: Store,
    private readonly maxFeatures: number,
  ) {}

  /** The model, loaded or registered with an inferred schema. */
  async get(project: string, model: string, nowMs: number): Promise<KnownModel> {
    const key = `${project}/${model}`;
    const known = this.models.get(key) ?? (await this.load(project, model, nowMs, new RecentIds(RECENT_IDS), true));
    this.models.set(key, known);
    return known;
  }

  /** Reads declaration, kinds and references again; what was remembered of recent ids stays. */
  async reload(project: string, model: string, nowMs: number): Promise<KnownModel> {
    const key = `${project}/${model}`;
    const previous = this.models.get(key);
    const known = await this.load(
      project,
      model,
      nowMs,
      previous?.recentIds ?? new RecentIds(RECENT_IDS),
      previous === undefined,
    );
    this.models.set(key, known);
    return known;
  }

  private async load(
    project: string,
    model: string,
    nowMs: number,
    recentIds: RecentIds,
    seed: boolean,
  ): Promise<KnownModel> {
    let stored = await findModel(this.store, project, model);
    if (stored === undefined) {
      stored = {
        project,
        model,
        declaration: modelDeclarationSchema.parse({}),
        origin: 'inferred',
        updatedAtMs: nowMs,
        updatedBy: 'ingester',
      };
      await saveModel(this.store, stored);
    }
    const { declaration } = stored;
    const features = await findModelFeatures(this.store, project, model);
    const kinds = new Map<string, FeatureKind>(features.map(({ feature, kind }) => [feature, kind]));
    const schema = featureSchema(kinds, sha256);
    await saveFeatureSchema(this.store, schema);
    if (seed) {
      const ids = await listRecentPredictionIds(this.store, project, model, nowMs - RECENT_MS, RECENT_IDS);
      for (const id of ids.reverse()) recentIds.add(id);
    }
    const declared = declaration.positive_class;
    const positiveClass =
      declared === undefined ? positiveOf(await listClasses(this.store, project, model)) : classText(declared);
    return {
      project,
      model,
      kinds,
      schema,
      segments: declaration.segments,
      positiveClass,
      binSets: new Map(),
      recentIds,
    };
  }

  /** Learns the kinds of features that the events bring for the first time, and writes them before any row uses them. */
  async learn(known: KnownModel, events: readonly PredictionEvent[], nowMs: number): Promise<void> {
    const learned: ModelFeature[] = [];
    for (const { features } of events) {
      for (const feature in features) {
        if (known.kinds.has(feature) || known.kinds.size >= this.maxFeatures) continue;
        const kind = inferKind(features[feature]!);
        if (kind === undefined) continue;
        known.kinds.set(feature, kind);
        learned.push({ feature, kind, origin: 'inferred' });
      }
    }
    if (learned.length === 0) return;
    await saveModelFeatures(this.store, known.project, known.model, learned, nowMs);
    known.schema = featureSchema(known.kinds, sha256);
    await saveFeatureSchema(this.store, known.schema);
  }

  /** Bin sets of a version: of its own reference, else of the model's newest; loads them on first use. */
  async binSets(known: KnownModel, version: string): Promise<ReadonlyMap<string, BinSet> | undefined> {
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

/** "1" if the classes hold it, else the last in text order; undefined when there are none or more than two. */
function positiveOf(classes: readonly string[]): string | undefined {
  if (classes.length === 0 || classes.length > 2) return undefined;
  return classes.includes('1') ? '1' : [...classes].sort()[classes.length - 1];
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
