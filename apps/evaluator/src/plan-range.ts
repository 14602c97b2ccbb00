import { type EvaluationRequest, type Model, type Monitor, parseDuration } from '@plumbline/contracts';
import { resolveWindowing, windowsWithin } from '@plumbline/monitoring';
import { listEvaluationMarks, type Store } from '@plumbline/storage';
import type { MonitorPlan } from './monitor-plan.js';

/** Windows of one request, over all monitors: more would keep a model from its ticks for too long. */
const MAX_WINDOWS = 100_000;

/**
 * Returns the windows that a request asks for: whole windows inside its range that are over at `nowMs`, of the monitors it names
 * or of all. With `every` they are anchored at the start of the range, whatever the monitors say.
 * @throws RangeError when it names a monitor that is not in force, or asks for too many windows; the message is for who asked
 */
export async function planRange(
  store: Store,
  model: Model,
  monitors: readonly Monitor[],
  request: EvaluationRequest,
  nowMs: number,
): Promise<MonitorPlan[]> {
  const fromMs = Date.parse(request.from);
  const toMs = Math.min(Date.parse(request.to), nowMs);
  const names = new Set(monitors.map(({ monitor }) => monitor));
  const unknown = request.monitors?.find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new RangeError(`there is no monitor "${unknown}" in force for model "${model.model}"`);

  const chosen = monitors.filter(({ monitor }) => request.monitors?.includes(monitor) ?? true);
  const windowings = chosen.map(({ monitor, declaration }) => {
    const own = resolveWindowing(model.declaration.windows, declaration.windows);
    if (request.every === undefined) return own;
    const asked = { everyMs: parseDuration(request.every), anchorMs: fromMs };
    // Alerts are decided from one window to the next of the same length: shifted ones would mix with those in force.
    if (asked.everyMs === own.everyMs && (asked.anchorMs - own.anchorMs) % own.everyMs !== 0) {
      const beginning = new Date(fromMs - modulo(fromMs - own.anchorMs, own.everyMs)).toISOString();
      throw new RangeError(
        `windows of ${request.every} are those of monitor "${monitor}" and begin at ${beginning}: let \`from\` be such a beginning, or choose another length`,
      );
    }
    return asked;
  });
  const count = windowings.reduce((sum, { everyMs }) => sum + Math.max(0, toMs - fromMs) / everyMs, 0);
  if (count > MAX_WINDOWS) {
    throw new RangeError(
      `the range holds about ${Math.round(count)} windows, more than ${MAX_WINDOWS}: ask for less at a time`,
    );
  }
  const plans: MonitorPlan[] = [];
  for (const [i, monitor] of chosen.entries()) {
    const { everyMs } = windowings[i]!;
    const windows = windowsWithin(windowings[i]!, fromMs, toMs);
    if (windows.length === 0) continue;
    const chain = { project: model.project, model: model.model, monitor: monitor.monitor, windowMs: everyMs };
    const marks = await listEvaluationMarks(store, chain, windows[0]!.endMs);
    const markOf = new Map(marks.map((mark) => [mark.windowEndMs, mark]));
    plans.push({ monitor, everyMs, windows: windows.map((window) => ({ ...window, mark: markOf.get(window.endMs) })) });
  }
  return plans;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
