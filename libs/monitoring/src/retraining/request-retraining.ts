import {
  DEFAULT_RETRAINING_CONDITION,
  parseDuration,
  type RetrainingCondition,
  type RetrainingPolicy,
  type RetrainingPolicyDeclaration,
  type RetrainingRun,
} from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';
import { evaluateCondition, type ModelSituation, type OpenAlert } from './evaluate-condition.js';
import { lastScheduled } from './last-scheduled.js';
import { calledNobody } from './run-progress.js';

export type RetrainingDecision =
  | { readonly asks: true; readonly run: RetrainingRun }
  /** Why no run is asked for: a sentence. */
  | { readonly asks: false; readonly because: string };

/** What a run is asked for: an episode of alerts, or a time of a schedule. */
interface Cause {
  readonly id: string;
  readonly version: string;
  readonly alerts: readonly OpenAlert[];
  readonly scheduledForMs: number;
  readonly reason: string;
}

/**
 * Returns the retraining run that a policy asks for, or why it asks for none: its condition does not hold and its schedule is not
 * due, a run was requested for the same cause before, the model is cooling down, or the budget of the month is used.
 *
 * An episode lasts as long as one of the alerts it began with is firing. The run's id is a hash of policy and cause, so that
 * deciding twice asks for the same run, and a call under that id can be repeated.
 * @param previousRuns of the model, under any policy, newest first
 * @param version that a scheduled run is about: the newest that makes predictions
 */
export function requestRetraining(
  policy: RetrainingPolicy,
  situation: ModelSituation,
  version: string,
  previousRuns: readonly RetrainingRun[],
  nowMs: number,
): RetrainingDecision {
  const { declaration } = policy;
  const held = (because: string): RetrainingDecision => ({ asks: false, because });
  if (!declaration.enabled) return held('The policy is disabled.');
  const ofPolicy = previousRuns.filter((run) => run.policy === policy.policy);
  const causes: Cause[] = [];
  const lacking: string[] = [];

  const condition = conditionOf(declaration);
  if (condition !== undefined) {
    const { holds, alerts, finding } = evaluateCondition(condition, situation, nowMs);
    const [earliest] = alerts;
    if (!holds) lacking.push(`Its condition does not hold: ${finding}.`);
    else if (earliest === undefined)
      lacking.push('Its condition holds without any alert, which is no cause by itself.');
    else if (ofPolicy.some((run) => run.status !== 'cancelled' && sameEpisode(run, alerts)))
      lacking.push('A run was requested for these alerts before.');
    else
      causes.push({
        id: earliest.alertId,
        version: earliest.version,
        alerts,
        scheduledForMs: 0,
        reason: reasonOf(alerts),
      });
  }
  if (declaration.schedule !== undefined) {
    const dueMs = lastScheduled(declaration.schedule, policy.updatedAtMs, nowMs);
    const done = ofPolicy.some((run) => run.status !== 'cancelled' && run.scheduledForMs === dueMs);
    if (dueMs === undefined || done) lacking.push('Its schedule is not due.');
    else {
      const reason = `The schedule of the policy is due (${new Date(dueMs).toISOString()}).`;
      causes.push({ id: `schedule ${dueMs}`, version, alerts: [], scheduledForMs: dueMs, reason });
    }
  }
  const [cause] = causes;
  if (cause === undefined) return held(lacking.join(' '));
  const obstacle = obstacleOf(policy, previousRuns, ofPolicy, nowMs);
  return obstacle === undefined ? { asks: true, run: runOf(policy, cause, ofPolicy, nowMs) } : held(obstacle);
}

/** The condition in force; undefined for a policy with a schedule alone. */
function conditionOf({ when, schedule }: RetrainingPolicyDeclaration): RetrainingCondition | undefined {
  return when ?? (schedule === undefined ? DEFAULT_RETRAINING_CONDITION : undefined);
}

function sameEpisode(run: RetrainingRun, alerts: readonly OpenAlert[]): boolean {
  return run.alertIds.some((id) => alerts.some(({ alertId }) => alertId === id));
}

function obstacleOf(
  { declaration, policy }: RetrainingPolicy,
  previousRuns: readonly RetrainingRun[],
  ofPolicy: readonly RetrainingRun[],
  nowMs: number,
): string | undefined {
  const coolDownMs = parseDuration(declaration.cool_down);
  const warm = previousRuns.find(
    (run) =>
      run.requestedAtMs + coolDownMs > nowMs &&
      // Nobody was called for a cancelled run. A refusal binds the policy that was refused; a dry run those that are dry too.
      run.status !== 'cancelled' &&
      (run.status !== 'refused' || run.policy === policy) &&
      (run.status !== 'dry_run' || declaration.dry_run),
  );
  if (warm !== undefined) {
    const until = new Date(warm.requestedAtMs + coolDownMs).toISOString();
    return `The model is cooling down until ${until}: run ${warm.runId} was requested by ${warm.policy}.`;
  }
  const { monthly_budget: budget } = declaration;
  if (budget === undefined) return undefined;
  const month = monthOf(nowMs);
  const calls = ofPolicy.filter(
    (run) =>
      monthOf(run.requestedAtMs) === month &&
      (!calledNobody(run.status) || (declaration.dry_run && run.status === 'dry_run')),
  );
  return calls.length < budget ? undefined : `The budget of ${budget} in ${month} is used.`;
}

/** As in 2026-11, in UTC. */
function monthOf(timestampMs: number): string {
  return new Date(timestampMs).toISOString().slice(0, 7);
}

function runOf(
  { project, model, policy, declaration }: RetrainingPolicy,
  cause: Cause,
  ofPolicy: readonly RetrainingRun[],
  nowMs: number,
): RetrainingRun {
  // A status never goes back, so what is asked for once more after a cancellation needs an id of its own.
  const cancelled = ofPolicy.filter(
    (run) =>
      run.status === 'cancelled' &&
      (cause.scheduledForMs > 0 ? run.scheduledForMs === cause.scheduledForMs : sameEpisode(run, cause.alerts)),
  ).length;
  const features = [...new Set(cause.alerts.map(({ feature }) => feature))].filter((feature) => feature !== '').sort();
  return {
    runId: stableId('retraining', project, model, policy, cause.id, ...(cancelled === 0 ? [] : [cancelled])),
    project,
    model,
    version: cause.version,
    policy,
    alertIds: cause.alerts.map(({ alertId }) => alertId),
    features,
    scheduledForMs: cause.scheduledForMs,
    reason: cause.reason,
    requestedAtMs: nowMs,
    status: declaration.dry_run ? 'dry_run' : 'requested',
    detail: '',
    newVersion: '',
    externalId: '',
    externalUrl: '',
    updatedAtMs: nowMs,
  };
}

function reasonOf(alerts: readonly OpenAlert[]): string {
  const named = alerts
    .slice(0, 5)
    .map(
      ({ monitor, feature, method, severity }) => `${monitor} on ${feature === '' ? method : feature} (${severity})`,
    );
  const more = alerts.length > named.length ? ` and ${alerts.length - named.length} more` : '';
  return `${alerts.length} ${alerts.length === 1 ? 'alert is' : 'alerts are'} firing: ${named.join(', ')}${more}.`;
}
