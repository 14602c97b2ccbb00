import type {
  AlertStatus,
  Measurement,
  Model,
  Monitor,
  MonitorDeclaration,
  Series,
  Severity,
} from '@plumbline/contracts';
import { breachSide } from '../detectors/breach-side.js';
import { REJECTED_METHOD } from '../retraining/rejection-alert.js';
import { selectsSegment } from '../segments/selects-segment.js';
import { resolveWindowing } from '../windows/resolved-windowing.js';

/** Windows without a prediction after which nobody watches a version, or a model, any more. */
export const WATCHED_WINDOWS = 30;

/** An alert that those who were told of it take for open. */
export interface OpenEpisode extends Series {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly alertId: string;
  /** The last transition that told of it. */
  readonly told: {
    readonly transitionId: string;
    readonly status: AlertStatus;
    readonly severity: Severity;
    readonly revision: number;
    readonly threshold: number;
    readonly decidedAtMs: number;
  };
  /** Length of the windows it was decided in. */
  readonly windowMs: number;
  /** End of the last window that was decided on it (a transition or not), and when that was. */
  readonly lastWindowEndMs: number;
  readonly decidedAtMs: number;
  /** Whether somebody had ended it by hand, and who did not know of that opened it once more. */
  readonly endedByHand: boolean;
}

/** The newest window of the episode's monitor and length that was just evaluated, with all that was measured in it. */
export interface EvaluatedFindings {
  readonly windowEndMs: number;
  readonly measurements: readonly Measurement[];
}

/**
 * Returns why no window will ever decide on an open alert again, or undefined when one may: its monitor is deleted or disabled,
 * has other windows, segment or version, or does not judge the series any more; its version is retired; its model is silent
 * for good; or somebody had ended it already. What only lacks data is not gone, and neither is an alert that is about the silence itself.
 * @param monitors declared ones and default ones, disabled ones included
 * @param evaluated undefined when no window of the monitor was evaluated now
 */
export function closingReason(
  episode: OpenEpisode,
  model: Model,
  monitors: readonly Monitor[],
  evaluated: EvaluatedFindings | undefined,
  nowMs: number,
): string | undefined {
  if (episode.endedByHand) return 'it was resolved by hand while it was being decided on';
  // Of a rejected retraining: not about windows, so none will decide on it.
  if (episode.method === REJECTED_METHOD) return undefined;
  const monitor = monitors.find((each) => each.monitor === episode.monitor);
  if (monitor === undefined) return 'the monitor was deleted';
  const { declaration } = monitor;
  if (!declaration.enabled) return 'the monitor was disabled';
  const { everyMs } = resolveWindowing(model.declaration.windows, declaration.windows);
  const declaredAtMs = Math.max(model.updatedAtMs, monitor.updatedAtMs ?? 0);
  // Somebody may ask for windows of a length of their own; then the declaration is older than the alert.
  if (everyMs !== episode.windowMs && declaredAtMs > episode.decidedAtMs)
    return 'the windows of the monitor have another length now';
  if (evaluated !== undefined && evaluated.windowEndMs >= episode.lastWindowEndMs)
    return reasonInFindings(episode, declaration, evaluated.measurements);
  const silent = Math.max(episode.lastWindowEndMs, episode.decidedAtMs) + WATCHED_WINDOWS * episode.windowMs <= nowMs;
  return silent && !isAboutSilence(episode, declaration)
    ? `no window was evaluated for as long as ${WATCHED_WINDOWS} take`
    : undefined;
}

function reasonInFindings(
  episode: OpenEpisode,
  declaration: MonitorDeclaration,
  measurements: readonly Measurement[],
): string | undefined {
  const { version, segment, feature, method } = episode;
  if (!selectsSegment(declaration.segment, segment))
    return `the monitor looks at ${declaration.segment === undefined ? 'all events' : `segment ${declaration.segment}`} now`;
  if (declaration.version !== undefined && declaration.version !== version)
    return `the monitor looks at version ${declaration.version} only`;
  if (measurements.length === 0) {
    return isAboutSilence(episode, declaration)
      ? undefined
      : `the model has made no predictions for ${WATCHED_WINDOWS} windows or more`;
  }
  const ofVersion = measurements.filter((each) => each.version === version);
  if (ofVersion.length === 0) return `version ${version} makes no predictions any more, and others do`;
  const ofSegment = ofVersion.filter((each) => each.segment === segment);
  if (ofSegment.length === 0)
    return `segment ${segment} is not declared any more, or has made no predictions for ${WATCHED_WINDOWS} windows or more`;
  // A detector that failed said nothing of any series.
  if (ofSegment.some((each) => each.severity === 'error' && each.feature === '')) return undefined;
  const ofFeature = ofSegment.filter((each) => each.feature === feature);
  const own = ofFeature.find((each) => each.method === method);
  if (own?.decides === true) return undefined;
  if (own !== undefined) return `the monitor does not judge ${method} any more`;
  return ofFeature.length > 0 || feature === ''
    ? `the monitor does not measure ${method} any more`
    : `${feature} is not measured any more: the reference or the monitor does not name it`;
}

/** Whether the alert says that too few predictions come: then silence is no reason to end it. */
function isAboutSilence({ method }: OpenEpisode, declaration: MonitorDeclaration): boolean {
  return declaration.no_data === 'alert' || breachSide(method) === 'at_most';
}
