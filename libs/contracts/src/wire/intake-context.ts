import type { Configuration } from '../configuration.schema.js';
import { type TimeRange, timeRange } from './time-range.js';

/** What the checks of one request or message need besides the event. */
export interface IntakeContext extends TimeRange {
  readonly project: string;
  readonly nowMs: number;
  readonly limits: Pick<Configuration['intake'], 'maxEventBytes' | 'maxFeatures' | 'maxDepth' | 'maxStringLength'>;
  /** Whether events of a model may come in; asked once per event. */
  readonly isAcceptedModel: (model: string) => boolean;
  /** What stands for a data subject: 16 hex digits of a keyed hash. */
  readonly hashEntity: (entityId: string) => string;
  /** Whether the event is one of a message: it may name its project, and its data subject by the hash. */
  readonly envelope: boolean;
  /** Feature names found to be good, because the events of a model repeat them. */
  readonly goodNames: Set<string>;
}

/** Enough for the features of many models; a client that sends ever new names empties it and costs itself the time. */
const MAX_GOOD_NAMES = 50_000;
/** The last instant that a Date can hold. */
const LAST_INSTANT_MS = 8_640_000_000_000_000;

/** Makes the context of each request or message, and keeps what they share. */
export class IntakeContexts {
  private goodNames = new Set<string>();

  /** @param hashEntity gives 16 hex digits of a keyed hash of a data subject */
  constructor(
    private readonly configuration: Pick<Configuration, 'intake'>,
    private readonly hashEntity: (entityId: string) => string,
  ) {}

  /** Context of a request: the project is that of the caller, and times far from now are refused. */
  create(project: string, nowMs: number, isAcceptedModel: (model: string) => boolean): IntakeContext {
    return {
      ...this.ofMessage(project, nowMs),
      ...timeRange(this.configuration.intake, nowMs),
      isAcceptedModel,
      envelope: false,
    };
  }

  /**
   * Context of an event in a message. Any time and any model are taken: whoever stores the event checks both, the time by when the
   * event was received.
   * @param receivedAtMs stands in for the time of an event that has none
   */
  ofMessage(project: string, receivedAtMs: number): IntakeContext {
    if (this.goodNames.size > MAX_GOOD_NAMES) this.goodNames = new Set();
    return {
      project,
      nowMs: receivedAtMs,
      oldestMs: 0,
      newestMs: LAST_INSTANT_MS,
      limits: this.configuration.intake,
      isAcceptedModel: anyModel,
      hashEntity: this.hashEntity,
      envelope: true,
      goodNames: this.goodNames,
    };
  }
}

function anyModel(): boolean {
  return true;
}
