import { DEFAULT_REFERENCE, type Model, type ReferenceDeclaration, type ReferenceProfile } from '@plumbline/contracts';
import {
  declarationOf,
  type MovingReference,
  NO_REFERENCE,
  parseMovingReferenceId,
  periodsOf,
  type ReferenceInForce,
  type Window,
} from '@plumbline/monitoring';
import { findEffectiveReference, findLastTraffic, findReferenceById, type Store } from '@plumbline/storage';
import { ROWS_FOR_BINS } from './choose-bins-period.js';
import { loadMovingReference, type MovingReferenceParts } from './load-moving-reference.js';
import { segmentProfile } from './segment-profile.js';

/** What a window is compared with; without a profile, why there is none and what to do about it. */
export type Comparison =
  | { readonly profile: ReferenceProfile; readonly lacking?: undefined }
  | { readonly profile: undefined; readonly lacking: string };

/** The data that is to be compared. */
export interface ComparedData {
  readonly version: string;
  /** "" for all events. */
  readonly segment: string;
  readonly window: Window;
  /** Start of the data: before that of the window where it was widened. */
  readonly dataStartMs: number;
}

const NO_BINS = `there are no bins to count in yet: they are made from the first ${ROWS_FOR_BINS} predictions of a version; until then upload a reference (plumbline reference upload)`;

/**
 * Finds what the windows of one model are compared with, and remembers it. References that move are read from cells, each once for all
 * monitors until `forget`.
 */
export class Comparisons {
  private readonly stored = new Map<string, Promise<ReferenceProfile | undefined>>();
  private readonly segments = new Map<string, Promise<ReferenceProfile>>();
  private readonly moving = new Map<string, Promise<ReferenceProfile>>();

  constructor(
    private readonly store: Store,
    private readonly model: Model,
  ) {}

  /** Forgets what was read from cells. */
  forget(): void {
    this.moving.clear();
  }

  /**
   * Returns what the data is compared with.
   * @param declared by the monitor; as the model says when undefined
   * @param inForce what the window was compared with before: then it is again, whatever was declared or posted since
   * @throws StorageError
   */
  async of(
    data: ComparedData,
    declared: ReferenceDeclaration | undefined,
    parts: MovingReferenceParts,
    inForce?: ReferenceInForce,
  ): Promise<Comparison> {
    const before = inForce && (await this.before(data, parts, inForce));
    if (before !== undefined) return before;
    const declaration = declared ?? this.model.declaration.reference ?? DEFAULT_REFERENCE;
    const bins = await this.bins(data.version);
    if (declaration.kind === 'uploaded') {
      // Bins that were made by the way are no reference that anybody chose.
      if (bins === undefined || bins.kind === 'bins') return { profile: undefined, lacking: NO_REFERENCE };
      return this.inSegment(bins, data.segment, parts);
    }
    if (bins === undefined) return { profile: undefined, lacking: NO_BINS };
    return this.movingOf(data, declaration, bins, parts);
  }

  private async before(
    data: ComparedData,
    parts: MovingReferenceParts,
    { referenceId, dataStartMs }: ReferenceInForce,
  ): Promise<Comparison | undefined> {
    const moving = parseMovingReferenceId(referenceId);
    if (moving === undefined) {
      const profile = await this.byId(referenceId);
      return profile && this.inSegment(profile, data.segment, parts);
    }
    const bins = await this.byId(moving.binsId);
    return bins && this.movingOf(data, declarationOf(moving, dataStartMs), bins, parts);
  }

  private async movingOf(
    { version, segment, window, dataStartMs }: ComparedData,
    declaration: Exclude<ReferenceDeclaration, { kind: 'uploaded' }>,
    bins: ReferenceProfile,
    parts: MovingReferenceParts,
  ): Promise<Comparison> {
    const data = { startMs: dataStartMs, endMs: window.endMs };
    let of = version;
    let lastWindowEndMs = window.endMs;
    if (declaration.kind === 'version') {
      of = declaration.version;
      if (of === version) {
        const lacking = `version ${version} is what the others are compared with, and is not compared with itself`;
        return { profile: undefined, lacking };
      }
      const last = await findLastTraffic(this.store, { ...this.key, version: of, beforeMs: window.endMs });
      if (last === undefined) {
        const lacking = `version ${of}, which is to be compared with, has made no predictions yet: declare another reference.version`;
        return { profile: undefined, lacking };
      }
      const everyMs = window.endMs - window.startMs;
      lastWindowEndMs = window.endMs - Math.floor((window.endMs - 1 - last) / everyMs) * everyMs;
    }
    const periods = periodsOf(declaration, data, lastWindowEndMs);
    const moving = { kind: declaration.kind, version: of, segment, periods, binsId: bins.referenceId };
    return { profile: await this.load(moving, bins, parts) };
  }

  private load(
    moving: MovingReference,
    bins: ReferenceProfile,
    parts: MovingReferenceParts,
  ): Promise<ReferenceProfile> {
    const key = JSON.stringify([moving, parts]);
    const known = this.moving.get(key) ?? loadMovingReference(this.store, this.model, moving, bins, parts);
    this.moving.set(key, known);
    return known;
  }

  /** A stored reference as a segment has it. Performance is compared with that of the whole, whatever the segment has in it. */
  private async inSegment(
    profile: ReferenceProfile,
    segment: string,
    { series }: MovingReferenceParts,
  ): Promise<Comparison> {
    if (segment === '') return { profile };
    const key = `${profile.referenceId}/${segment}`;
    const known = this.segments.get(key) ?? segmentProfile(this.store, profile, segment);
    this.segments.set(key, known);
    const own = await known;
    if (own.n > 0 || !series) return { profile: own };
    const lacking = `the reference has no rows of segment ${segment}: upload it once more now that the segment is declared, or declare a reference of past predictions (reference: { kind: rolling })`;
    return { profile: undefined, lacking };
  }

  /** The stored reference that gives a version its bins; it need not be what the version is compared with. */
  bins(version: string): Promise<ReferenceProfile | undefined> {
    const { project, model } = this.key;
    return this.remember(`version ${version}`, () => findEffectiveReference(this.store, project, model, version));
  }

  private byId(id: string): Promise<ReferenceProfile | undefined> {
    const { project, model } = this.key;
    return this.remember(`id ${id}`, () => findReferenceById(this.store, project, model, id));
  }

  private remember(
    key: string,
    find: () => Promise<ReferenceProfile | undefined>,
  ): Promise<ReferenceProfile | undefined> {
    const known = this.stored.get(key) ?? find();
    this.stored.set(key, known);
    return known;
  }

  private get key(): { readonly project: string; readonly model: string } {
    return { project: this.model.project, model: this.model.model };
  }
}
