import { isNotifiable, type Model, type Monitor, type Transition } from '@plumbline/contracts';
import { wakeAlerter } from '@plumbline/platform';
import { listHandEndings, type Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';
import { conclude, type Conclusion, type MeasuredWindow } from './conclude.js';
import type { MonitorPlan, PlannedWindow } from './monitor-plan.js';
import { WindowMeasurer } from './window-measurer.js';

/** Windows stored together: few enough to lose little to a crash, enough to spare the engine tiny inserts. */
const WINDOWS_PER_STEP = 24;

export interface RunOptions {
  readonly store: Store;
  readonly stream: EventStream;
  readonly logger: Logger;
  readonly nowMs: number;
  /** All of the model, due or not: they share its budget of false alarms. */
  readonly monitors: readonly Monitor[];
  /** Aborted: stops between two steps. What is stored stays; what is missing is due again. */
  readonly signal: AbortSignal;
  /** Whether windows that were evaluated before are compared with what they were compared with then, or with what is declared now. */
  readonly references: 'in force' | 'current';
  /** Told after each window measured, and after each step stored. */
  readonly onWindow?: () => void;
  readonly onConclusion?: (plan: MonitorPlan, conclusion: Conclusion) => void;
}

/** Returns how many windows the plans hold; one that several monitors look at counts once. */
export function countWindows(plans: readonly MonitorPlan[]): number {
  return groupsOf(plans).reduce((sum, group) => sum + group.windows.length, 0);
}

/**
 * Carries out the plans of one model: measures each window, stores what was found, decides alerts, and wakes the alerter.
 * Returns whether all of it was done.
 * @throws StorageError
 */
export async function runPlans(model: Model, plans: readonly MonitorPlan[], options: RunOptions): Promise<boolean> {
  const { store, stream, logger, nowMs, signal } = options;
  const measurer = new WindowMeasurer(store, logger, model, options.monitors, options.references);
  for (const group of groupsOf(plans)) {
    for (let i = 0; i < group.windows.length; i += WINDOWS_PER_STEP) {
      if (signal.aborted) return false;
      const measured = new Map<MonitorPlan, MeasuredWindow[]>(group.plans.map((plan) => [plan, []]));
      for (const endMs of group.windows.slice(i, i + WINDOWS_PER_STEP)) {
        measurer.forgetData();
        for (const plan of group.plans) {
          const window = group.windowOf(plan, endMs);
          if (window === undefined) continue;
          const measurements = await measurer.measureWindow(plan.monitor, window, nowMs);
          measured.get(plan)!.push({ window, measurements });
        }
        options.onWindow?.();
      }
      const transitions: Transition[] = [];
      const endings = await listHandEndings(store, model);
      for (const [plan, windows] of measured) {
        if (windows.length === 0) continue;
        const { monitor, everyMs } = plan;
        const chain = { project: model.project, model: model.model, monitor: monitor.monitor, windowMs: everyMs };
        const active = (window: Pick<PlannedWindow, 'startMs' | 'endMs'>) => measurer.activeVersions(window);
        const conclusion = await conclude(store, chain, monitor.declaration, windows, active, endings, nowMs);
        options.onConclusion?.(plan, conclusion);
        transitions.push(...conclusion.transitions);
      }
      if (transitions.some(isNotifiable))
        await wakeAlerter(stream, logger, { project: model.project, model: model.model });
    }
  }
  return true;
}

interface PlanGroup {
  readonly plans: readonly MonitorPlan[];
  /** Ends of the windows of all plans, in order. */
  readonly windows: readonly number[];
  windowOf(plan: MonitorPlan, endMs: number): PlannedWindow | undefined;
}

/** Plans with windows of one length go together, so that they share what is read. */
function groupsOf(plans: readonly MonitorPlan[]): PlanGroup[] {
  return [...new Set(plans.map(({ everyMs }) => everyMs))].map((everyMs) => {
    const members = plans.filter((plan) => plan.everyMs === everyMs);
    const byEnd = new Map(members.map((plan) => [plan, new Map(plan.windows.map((window) => [window.endMs, window]))]));
    const windows = [...new Set(members.flatMap((plan) => plan.windows.map(({ endMs }) => endMs)))].sort(
      (a, b) => a - b,
    );
    return { plans: members, windows, windowOf: (plan, endMs) => byEnd.get(plan)?.get(endMs) };
  });
}
