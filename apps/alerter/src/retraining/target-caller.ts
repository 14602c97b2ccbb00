import type { Delivery, RetrainingPolicy, RetrainingRequest, RetrainingRun } from '@plumbline/contracts';
import { changeRun, isRepeatable, type RunChange } from '@plumbline/monitoring';
import { insertDelivery, insertRetrainingEvent, listDeliveries, type Store } from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import { nextAttemptAtMs } from '../notify/next-attempt.js';
import type { RetrainingCaller } from './targets/retraining-caller.js';

export interface TargetCallerDependencies {
  readonly store: Store;
  readonly caller: RetrainingCaller;
  readonly logger: Logger;
  /** Interrupts a call; the next process makes it again, under the same key. */
  readonly abort: AbortSignal;
}

export type CallResult =
  /** The call is settled: this is what became of the run. */
  | { readonly settled: true; readonly change: RunChange }
  /** It is made again then. */
  | { readonly settled: false; readonly nextAtMs: number };

const UNKNOWN =
  'The server stopped while it called the target. Whether a run was started is not known, and the call is not made again, because a second one could start a second run: look for it at the target.';

/**
 * Calls the target of a run: attempts until it is taken, refused or given up, each logged after it was made. A target that keeps keys
 * may be called again after a crash; before a call to any other, that it begins is written down, and without a word of how it ended
 * it is not made again.
 */
export class TargetCaller {
  constructor(private readonly dependencies: TargetCallerDependencies) {}

  /** Makes the next attempt if it is due. @throws StorageError, and the signal's reason when it aborts */
  async call(
    run: RetrainingRun,
    { declaration }: RetrainingPolicy,
    request: RetrainingRequest,
    nowMs: number,
  ): Promise<CallResult> {
    const { store } = this.dependencies;
    const [last] = await listDeliveries(store, { project: run.project, deliveryId: run.runId, limit: 1 });
    if (last !== undefined && last.nextAttemptAtMs === 0) return settled(last);
    if (last !== undefined && last.nextAttemptAtMs > nowMs) return { settled: false, nextAtMs: last.nextAttemptAtMs };
    const attempt = (last?.attempt ?? 0) + 1;
    if (!isRepeatable(declaration.target)) {
      const begins = `Attempt ${attempt} to call the target begins.`;
      if (run.detail === begins) return { settled: true, change: { to: 'failed', who: 'plumbline', detail: UNKNOWN } };
      const event = changeRun(run, { to: run.status, who: 'plumbline', detail: begins }, nowMs);
      if (event !== undefined) await insertRetrainingEvent(store, event);
    }
    return this.attempt(run, declaration.target, request, attempt, nowMs);
  }

  /** Whether anybody was called for the run. @throws StorageError */
  async wasCalled(run: RetrainingRun): Promise<boolean> {
    const { store } = this.dependencies;
    return (await listDeliveries(store, { project: run.project, deliveryId: run.runId, limit: 1 })).length > 0;
  }

  private async attempt(
    run: RetrainingRun,
    target: RetrainingPolicy['declaration']['target'],
    request: RetrainingRequest,
    attempt: number,
    nowMs: number,
  ): Promise<CallResult> {
    const { store, caller, logger, abort } = this.dependencies;
    const result = await caller.triggerRetraining(target, request, { attemptedAtMs: nowMs, signal: abort });
    const { outcome, status, detail } = result;
    const nextAtMs = outcome === 'retryable' ? nextAttemptAtMs(attempt, nowMs, Math.random(), result.retryAfterMs) : 0;
    const delivery: Delivery = {
      deliveryId: run.runId,
      project: run.project,
      model: run.model,
      receiver: run.policy,
      channel: target.preset,
      kind: 'retraining',
      transitionIds: [],
      attempt,
      outcome,
      status,
      detail,
      sentAtMs: nowMs,
      nextAttemptAtMs: nextAtMs,
    };
    await insertDelivery(store, delivery);
    const fields = {
      project: run.project,
      model: run.model,
      policy: run.policy,
      run_id: run.runId,
      attempt,
      status,
      detail,
    };
    if (nextAtMs > 0) {
      const at = new Date(nextAtMs).toISOString();
      logger.warn({ ...fields, next_attempt_at: at }, 'a retraining call is made again later');
      return { settled: false, nextAtMs };
    }
    if (outcome !== 'delivered') {
      logger.error(fields, `retraining of ${run.model} could not be triggered and is given up`);
      return settled(delivery);
    }
    logger.info(fields, `retraining of ${run.model} was triggered`);
    const { externalId, externalUrl } = result;
    return { settled: true, change: { to: 'triggered', who: 'plumbline', externalId, externalUrl } };
  }
}

/** What a settled attempt means for the run, also when the process that made it did not come to say so. */
function settled({ outcome, status, detail }: Delivery): CallResult {
  if (outcome === 'delivered') return { settled: true, change: { to: 'triggered', who: 'plumbline' } };
  const said = status === 0 ? detail : `status ${status}: ${detail}`;
  return { settled: true, change: { to: 'failed', who: 'plumbline', detail: said } };
}
