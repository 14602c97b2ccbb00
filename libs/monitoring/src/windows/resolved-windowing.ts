import { parseDuration, type Windowing, type WindowingOverride } from '@plumbline/contracts';

/** Where windows lie: [anchorMs + k·everyMs, anchorMs + (k+1)·everyMs), closed settleMs after their end. */
export interface ResolvedWindowing {
  readonly everyMs: number;
  readonly anchorMs: number;
  readonly settleMs: number;
}

/** Returns a model's windowing in milliseconds, with what the monitor overrides. */
export function resolveWindowing(model: Windowing, override: WindowingOverride = {}): ResolvedWindowing {
  return {
    everyMs: parseDuration(override.every ?? model.every),
    anchorMs: Date.parse(override.anchor ?? model.anchor),
    settleMs: parseDuration(override.settle ?? model.settle),
  };
}
