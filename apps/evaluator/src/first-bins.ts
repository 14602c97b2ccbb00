import {
  DEFAULT_REFERENCE,
  type Model,
  type Monitor,
  recordKey,
  type ReferenceDeclaration,
} from '@plumbline/contracts';
import { chooseBinsPeriod, createReference, InvalidReferenceError, referencePerformance } from '@plumbline/references';
import {
  findModelFeatures,
  findModelsWithReference,
  listHourlyTraffic,
  markReferenceChanged,
  type Store,
} from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';

/**
 * Makes the bins of models that are compared with a period that moves although nobody posted a reference: from the first predictions of
 * a version, once there are enough. A model that has any stored reference needs none.
 */
export class FirstBins {
  /** Models that have bins: nobody takes these away again. */
  private readonly known = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly logger: Logger,
  ) {}

  /**
   * To be called before the cells of a model are asked to be made whole: these are counted in the new bins then. Returns whether it made
   * bins.
   * @param beforeMs end of the last window that is to be measured
   * @param everyMs length of its windows; bins are made of one at least
   * @throws StorageError
   */
  async make(
    model: Model,
    monitors: readonly Monitor[],
    beforeMs: number,
    everyMs: number,
    nowMs: number,
  ): Promise<boolean> {
    const { project, model: name, declaration } = model;
    const key = recordKey(project, name);
    if (this.known.has(key) || !monitors.some((monitor) => moves(referenceOf(monitor, model)))) return false;
    const found = await findModelsWithReference(this.store, [model]);
    if (found.has(key)) {
      this.known.add(key);
      return false;
    }
    const period = chooseBinsPeriod(await listHourlyTraffic(this.store, model, beforeMs), everyMs);
    if (period === undefined) return false;
    const { version, fromMs, toMs } = period;
    const announce = () => markReferenceChanged(this.store, project, name, nowMs);
    try {
      const { referenceId, n } = await createReference(this.store, {
        project,
        model: name,
        version,
        createdBy: 'evaluator',
        nowMs,
        announce,
        source: { kind: 'bins', fromMs, toMs },
        declaration,
        features: await findModelFeatures(this.store, project, name),
        performanceOf: (performance, positiveClass) =>
          referencePerformance(performance, declaration.task, positiveClass),
      });
      this.logger.info({ project, model: name, version, reference: referenceId, rows: n }, 'bins were made');
    } catch (error) {
      if (!(error instanceof InvalidReferenceError)) throw error;
      // Its windows say that there is no reference; the next look tries again.
      this.logger.warn({ err: error, project, model: name, version }, 'no bins could be made');
      return false;
    }
    // Again: a reconcile meanwhile may have used up the first mark.
    await announce();
    this.known.add(key);
    return true;
  }
}

function referenceOf({ declaration }: Monitor, model: Model): ReferenceDeclaration {
  const own = 'reference' in declaration ? declaration.reference : undefined;
  return own ?? model.declaration.reference ?? DEFAULT_REFERENCE;
}

function moves({ kind }: ReferenceDeclaration): boolean {
  return kind !== 'uploaded';
}
