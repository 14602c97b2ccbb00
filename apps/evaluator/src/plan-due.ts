import type { Model, Monitor } from '@plumbline/contracts';
import {
  dueWindows,
  type LateData,
  lastClosedWindowEnd,
  reopenedWindows,
  resolveWindowing,
  type ResolvedWindowing,
  type Touch,
} from '@plumbline/monitoring';
import {
  type EvaluationMark,
  findTrafficStart,
  type HourAspect,
  type HourMark,
  listEvaluationMarksOfModels,
  type Store,
} from '@plumbline/storage';
import type { FirstLook } from './first-look.js';
import type { MonitorPlan } from './monitor-plan.js';

/** What is remembered of a model from one tick to the next, so that a tick without work costs no query of the model's own. */
export interface PlanMemory {
  /** By monitor and windowing: windows up to here are evaluated. */
  readonly caughtUpToMs: ReadonlyMap<string, number>;
  /** Late data from here on may not have been looked at. */
  readonly touchedSinceMs: number;
}

export interface DuePlan {
  readonly plans: readonly MonitorPlan[];
  /** Holds once the plans are carried out. */
  readonly memory: PlanMemory;
}

/** Late data of an hour, with what it is. */
interface HourTouch extends Touch {
  readonly aspect: HourAspect;
}

/** A monitor whose windows have to be looked at. */
interface Look {
  readonly monitor: Monitor;
  readonly windowing: ResolvedWindowing;
  readonly touches: readonly HourTouch[];
  /** Windows that end after this may be due, those that end after `fromMs` may be open again. */
  readonly sinceMs: number;
  readonly fromMs: number;
}

const HOUR_MS = 3_600_000;

/** A batch notes its hours before it writes its rows: what is noted this long before an evaluation may have come after it. */
export const TOUCH_MARGIN_MS = 60_000;

/**
 * Returns the windows of a model that are due at `nowMs`: closed ones that were never evaluated, back to the model's first
 * prediction within `catchUpMs`, and evaluated ones whose data, widened or not, late data touched. A late label concerns only monitors of performance.
 * A window is not evaluated again before its settle delay has passed once more, so that a trickle of labels costs little.
 *
 * Cells that were rebuilt for a new reference do not re-open a window: it was judged by the reference of its time.
 *
 * @param hours of the model touched since `memory.touchedSinceMs`, or within `catchUpMs` when nothing is remembered
 * @param aheadAfterMs marks later than this were made by a clock that ran ahead of ours and was set back; Infinity where another
 * machine may have made them. Marks between `nowMs` and this are of data that came since, and open their windows again.
 * @param look what was read of the model already
 */
export async function planDue(
  store: Store,
  model: Model,
  monitors: readonly Monitor[],
  memory: PlanMemory | undefined,
  hours: readonly HourMark[],
  catchUpMs: number,
  nowMs: number,
  aheadAfterMs: number,
  look?: FirstLook,
): Promise<DuePlan> {
  const horizonMs = nowMs - catchUpMs;
  let start: Promise<number | undefined> | undefined;
  const trafficStart = () =>
    look === undefined
      ? (start ??= findTrafficStart(store, model.project, model.model, horizonMs))
      : Promise.resolve(look.trafficStartMs);
  const marksFrom = async (firstEndMs: number) =>
    look?.marks ?? listEvaluationMarksOfModels(store, [model], firstEndMs);

  const looks: Look[] = [];
  const caughtUpToMs = new Map<string, number>();
  for (const monitor of monitors) {
    const windowing = resolveWindowing(model.declaration.windows, monitor.declaration.windows);
    const key = chainKey(monitor, windowing);
    const closedToMs = lastClosedWindowEnd(windowing, nowMs);
    const caughtUp = memory?.caughtUpToMs.get(key);
    // Traffic of a window that is still open is no late data, and every live model has some at any time.
    const touches = hours.filter(({ aspect, hourMs }) => concerns(aspect, monitor) && hourMs < closedToMs).map(touchOf);
    if (caughtUp === closedToMs && touches.length === 0) {
      caughtUpToMs.set(key, closedToMs);
      continue;
    }
    const startMs = await trafficStart();
    // Nothing to be caught up with: history may still be imported.
    if (startMs === undefined) continue;
    caughtUpToMs.set(key, closedToMs);
    // A model whose first window is still open: the common case of a fleet that was just registered.
    if (startMs >= closedToMs) continue;

    const { everyMs } = windowing;
    // Windows before those caught up with are due again where history came in. The first prediction is inside the first window.
    const earliestTouchMs = touches.reduce((least, touch) => Math.min(least, touch.startMs), Infinity);
    const sinceMs = Math.max(Math.min(caughtUp ?? -Infinity, earliestTouchMs - everyMs + 1), startMs - everyMs + 1);
    looks.push({ monitor, windowing, touches, sinceMs, fromMs: Math.min(sinceMs, earliestTouchMs) });
  }

  const plans: MonitorPlan[] = [];
  let touchedSinceMs = nowMs - TOUCH_MARGIN_MS;
  // One query for all monitors: after a start there may be a thousand models to look at.
  const firstEndMs = looks.reduce((least, { fromMs }) => Math.min(least, fromMs), Infinity);
  const known = looks.length === 0 ? [] : await marksFrom(firstEndMs);
  for (const { monitor, windowing, touches, sinceMs, fromMs } of looks) {
    const { everyMs, settleMs } = windowing;
    const marks = known.filter(
      (mark) => mark.monitor === monitor.monitor && mark.windowMs === everyMs && mark.windowEndMs >= fromMs,
    );
    const due = dueWindows(windowing, new Set(marks.map(({ windowEndMs }) => windowEndMs)), sinceMs, nowMs);
    const evaluated = marks.map((mark) => ({ ...windowOf(mark, everyMs), mark }));
    const reopened = reopenedWindows(evaluated, touches, TOUCH_MARGIN_MS);
    // Marked by a clock that ran ahead of this one; such a window was evaluated then too, and waits for no settle delay.
    const latestMs = touches.reduce((latest, touch) => Math.max(latest, touch.touchedAtMs), 0);
    const notBeforeMs = latestMs > aheadAfterMs ? latestMs + TOUCH_MARGIN_MS : 0;
    const settled = (evaluatedAtMs: number): boolean => evaluatedAtMs <= nowMs - settleMs || evaluatedAtMs > nowMs;
    for (const { evaluatedAtMs } of reopened.map(({ window }) => window)) {
      if (!settled(evaluatedAtMs)) touchedSinceMs = Math.min(touchedSinceMs, evaluatedAtMs - TOUCH_MARGIN_MS);
    }
    const windows = [
      ...due.map((window) => ({ ...window, mark: undefined, notBeforeMs })),
      ...reopened
        .filter(({ window }) => settled(window.evaluatedAtMs))
        .map(({ window: { startMs, endMs, mark }, touches: late }) => ({
          ...{ startMs, endMs, mark, notBeforeMs },
          late: lateDataOf(late),
        })),
    ].sort((left, right) => left.endMs - right.endMs);
    if (windows.length > 0) plans.push({ monitor, everyMs, windows });
  }
  return { plans, memory: { caughtUpToMs, touchedSinceMs } };
}

function chainKey({ monitor }: Monitor, { everyMs, anchorMs }: ResolvedWindowing): string {
  return `${monitor}/${everyMs}/${anchorMs}`;
}

function concerns(aspect: HourAspect, { declaration }: Monitor): boolean {
  return aspect === 'prediction' || (aspect === 'label' && declaration.detector === 'performance');
}

function touchOf({ aspect, hourMs, touchedAtMs }: HourMark): HourTouch {
  return { aspect, startMs: hourMs, endMs: hourMs + HOUR_MS, touchedAtMs };
}

function windowOf({ windowEndMs, dataStartMs, evaluatedAtMs }: EvaluationMark, everyMs: number) {
  return { startMs: windowEndMs - everyMs, endMs: windowEndMs, dataStartMs, evaluatedAtMs };
}

function lateDataOf(touches: readonly HourTouch[]): LateData {
  return {
    labels: touches.some(({ aspect }) => aspect === 'label'),
    predictions: touches.some(({ aspect }) => aspect === 'prediction'),
    untilMs: touches.reduce((latest, { touchedAtMs }) => Math.max(latest, touchedAtMs), 0),
  };
}
