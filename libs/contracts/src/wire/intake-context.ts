import type { Configuration } from '../configuration.schema.js';
import { parseDuration } from '../duration.schema.js';

/** What the checks of one request or message need besides the event. */
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

/** Makes the context of each request or message, and keeps what they share. */
export class IntakeContexts {
  private readonly maxAgeMs: number;
  private readonly maxAheadMs: number;
  private goodNames = new Set<string>();

  /** @param hashEntity gives 16 hex digits of a keyed hash of a data subject */
  constructor(
    private readonly configuration: Pick<Configuration, 'intake'>,
    private readonly hashEntity: (entityId: string) => string,
  ) {
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
      hashEntity: this.hashEntity,
      goodNames: this.goodNames,
    };
  }
}
