import type { LabelEvent, PredictionEvent } from './event.schema.js';

/**
 * Records of the stream. All are keyed by `project/model`, so that one partition, and so one process at a time, owns a model.
 */
export type PredictionRecord =
  | { readonly type: 'prediction'; readonly event: PredictionEvent }
  /** Asks the owner of a model's cells to check its dirty hours against raw; in order with the predictions before it. */
  | { readonly type: 'reconcile'; readonly project: string; readonly model: string };

export type LabelRecord = { readonly type: 'label'; readonly event: LabelEvent };

/** Tells the owner of a model's alerts that there are new transitions to work off; the table is the outbox. */
export interface TransitionRecord {
  readonly project: string;
  readonly model: string;
}

export interface TopicRecords {
  'plumbline.predictions': PredictionRecord;
  'plumbline.labels': LabelRecord;
  'plumbline.transitions': TransitionRecord;
}
export type TopicName = keyof TopicRecords;

export function recordKey(project: string, model: string): string {
  return `${project}/${model}`;
}
