import { createHmac } from 'node:crypto';
import { parseDuration, type Configuration } from '@plumbline/contracts';

/** What the checks of one request need besides the event. */
export interface IntakeContext {
  readonly project: string;
  readonly nowMs: number;
  /** Times outside are refused. */
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly limits: Pick<Configuration['intake'], 'maxEventBytes' | 'maxFeatures' | 'maxDepth' | 'maxStringLength'>;
  /** Whether events of a model may come in; asked once per event. */
  readonly isAcceptedModel: (model: string) => boolean;
  /** What stands for a data subject: 16 hex digits of a keyed hash. */
  readonly hashEntity: (entityId: string) => string;
  /** Feature names found to be good, because the events of a model repeat them. */
  readonly goodNames: Set<string>;
}

/** Enough for the features of many models; a client that sends ever new names empties it and costs itself the time. */
const MAX_GOOD_NAMES = 50_000;

/** Makes the context of each request, and keeps what requests share. */
export class IntakeContexts {
  private readonly maxAgeMs: number;
  private readonly maxAheadMs: number;
  private goodNames = new Set<string>();

  constructor(private readonly configuration: Pick<Configuration, 'intake' | 'entityHashKey'>) {
    this.maxAgeMs = parseDuration(configuration.intake.maxAge);
    this.maxAheadMs = parseDuration(configuration.intake.maxAhead);
  }

  create(project: string, nowMs: number, isAcceptedModel: (model: string) => boolean): IntakeContext {
    if (this.goodNames.size > MAX_GOOD_NAMES) this.goodNames = new Set();
    return {
      project,
      nowMs,
      // Cells count time from 1970, whatever the configuration allows.
      oldestMs: Math.max(0, nowMs - this.maxAgeMs),
      newestMs: nowMs + this.maxAheadMs,
      limits: this.configuration.intake,
      isAcceptedModel,
      hashEntity: (entityId) =>
        createHmac('sha256', this.configuration.entityHashKey).update(entityId).digest('hex').slice(0, 16),
      goodNames: this.goodNames,
    };
  }
}
