import type { Monitor } from '@plumbline/contracts';
import type { LateData, Window } from '@plumbline/monitoring';
import type { EvaluationMark } from '@plumbline/storage';

/** A window to evaluate, with the mark of its last evaluation. */
export interface PlannedWindow extends Window {
  readonly mark: EvaluationMark | undefined;
  /** What came after the last evaluation and led to this one. */
  readonly late?: LateData | undefined;
  /** The evaluation counts as of then or later: data is marked with times that the clock has not reached. 0 as a rule. */
  readonly notBeforeMs?: number;
}

/** The windows of one monitor to evaluate, in order and all of one length. */
export interface MonitorPlan {
  readonly monitor: Monitor;
  readonly everyMs: number;
  readonly windows: readonly PlannedWindow[];
}
