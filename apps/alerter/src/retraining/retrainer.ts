import type { Delivery, RetrainingPolicy, RetrainingRun } from '@plumbline/contracts';
import { monitorsOf, type OpenAlert, requestRetraining } from '@plumbline/monitoring';
import {
  findModel,
  insertDelivery,
  listAlerts,
  listDeclaredMonitors,
  listDeliveries,
  listRetrainingPolicies,
  listRetrainingRuns,
  saveRetrainingRun,
  type Store,
} from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import type { AlerterMetrics } from '../alerter.metrics.js';
import { nextAttemptAtMs } from '../notify/next-attempt.js';
import type { WebhookSender } from '../webhook/webhook-sender.js';
import { retrainingRequestBody } from './retraining-request-body.js';

/** Runs that a policy looks back on: enough for any cool-down, as it makes at most one run in each. */
const PREVIOUS_RUNS = 200;
const OPEN_ALERTS = 10_000;

export interface RetrainerDependencies {
  readonly store: Store;
  readonly sender: WebhookSender;
  /** How people and pipelines reach this server, without a slash at its end. */
  readonly externalUrl: string;
  readonly metrics: AlerterMetrics;
  readonly logger: Logger;
  /** Interrupts a call; the next process makes it again, under the same key. */
  readonly abort: AbortSignal;
}

/** Asks pipelines to retrain a model when its policies say so, and follows each call until it is taken or given up. */
export class Retrainer {
  constructor(private readonly dependencies: RetrainerDependencies) {}

  /**
   * Decides which runs a model needs, then calls for those that are requested. Returns when to look again, in milliseconds
   * since 1970; undefined when nothing is left. Never to run twice at a time for one model.
   *
   * A run is written before its call, and the call is recorded after it, so a crash in between repeats the call with its key.
   * @throws StorageError
   */
  async retrain(project: string, model: string, nowMs: number): Promise<number | undefined> {
    const policies = await listRetrainingPolicies(this.dependencies.store, project, model);
    await this.request(project, model, policies, nowMs);
    return this.callRequested(project, model, policies, nowMs);
  }

  /** Writes the runs that the policies ask for now. */
  private async request(
    project: string,
    model: string,
    policies: readonly RetrainingPolicy[],
    nowMs: number,
  ): Promise<void> {
    if (policies.length === 0) return;
    const { store } = this.dependencies;
    const openAlerts = await this.openAlerts(project, model);
    if (openAlerts.length === 0) return;
    const previousRuns = await listRetrainingRuns(store, { project, model, limit: PREVIOUS_RUNS });
    for (const policy of policies) {
      const run = requestRetraining(policy, openAlerts, previousRuns, nowMs);
      if (run === undefined) continue;
      previousRuns.unshift(run);
      await this.save(run);
    }
  }

  private async openAlerts(project: string, model: string): Promise<OpenAlert[]> {
    const { store } = this.dependencies;
    const alerts = await listAlerts(store, { project, model, status: 'firing', limit: OPEN_ALERTS });
    const declared = await findModel(store, project, model);
    if (declared === undefined) return alerts.map((alert) => ({ ...alert, detector: undefined }));
    const monitors = monitorsOf(declared, await listDeclaredMonitors(store, project, model));
    const detectors = new Map(monitors.map(({ monitor, declaration }) => [monitor, declaration.detector]));
    return alerts.map((alert) => ({ ...alert, detector: detectors.get(alert.monitor) }));
  }

  /** Makes the calls that are due, one after the other. */
  private async callRequested(
    project: string,
    model: string,
    policies: readonly RetrainingPolicy[],
    nowMs: number,
  ): Promise<number | undefined> {
    const { store } = this.dependencies;
    const runs = await listRetrainingRuns(store, { project, model, status: 'requested', limit: PREVIOUS_RUNS });
    let nextAtMs = Infinity;
    for (const run of runs.reverse()) {
      const policy = policies.find((each) => each.policy === run.policy);
      if (policy?.declaration.enabled === true) nextAtMs = Math.min(nextAtMs, await this.call(run, policy, nowMs));
      else await this.giveUp(run, nowMs);
    }
    return nextAtMs === Infinity ? undefined : nextAtMs;
  }

  /** Ends a run whose policy is gone. One that nobody was called for does not count: the policy may come back. */
  private async giveUp(run: RetrainingRun, nowMs: number): Promise<void> {
    const { project, runId: deliveryId } = run;
    const attempts = await listDeliveries(this.dependencies.store, { project, deliveryId, limit: 1 });
    const status = attempts.length === 0 ? 'cancelled' : 'failed';
    await this.save({ ...run, status, detail: 'the policy is gone or disabled', updatedAtMs: nowMs });
  }

  /** Makes the next attempt of a call if it is due. Returns when the next one is; Infinity when there is none. */
  private async call(run: RetrainingRun, policy: RetrainingPolicy, nowMs: number): Promise<number> {
    const { store, logger } = this.dependencies;
    const { project, runId } = run;
    let [last] = await listDeliveries(store, { project, deliveryId: runId, limit: 1 });
    if (last === undefined || last.nextAttemptAtMs > 0) {
      if (last !== undefined && last.nextAttemptAtMs > nowMs) return last.nextAttemptAtMs;
      last = await this.attempt(run, policy, (last?.attempt ?? 0) + 1, nowMs);
    }
    const { outcome, status, detail, attempt, nextAttemptAtMs: nextAtMs } = last;
    const fields = { project, model: run.model, policy: run.policy, run_id: runId, attempt, status, detail };
    if (nextAtMs > 0) {
      logger.warn(
        { ...fields, next_attempt_at: new Date(nextAtMs).toISOString() },
        'a retraining call is made again later',
      );
      return nextAtMs;
    }
    if (outcome === 'delivered') {
      logger.info(fields, `retraining of ${run.model} was triggered`);
      await this.save({ ...run, status: 'triggered', updatedAtMs: nowMs });
    } else {
      logger.error(fields, `retraining of ${run.model} could not be triggered and is given up`);
      await this.save({ ...run, status: 'failed', detail: `status ${status}: ${detail}`, updatedAtMs: nowMs });
    }
    return Infinity;
  }

  private async attempt(
    run: RetrainingRun,
    policy: RetrainingPolicy,
    attempt: number,
    nowMs: number,
  ): Promise<Delivery> {
    const { store, sender, externalUrl, abort } = this.dependencies;
    const { target } = policy.declaration;
    const body = retrainingRequestBody(run, policy, externalUrl);
    const extraHeaders = { 'idempotency-key': run.runId };
    const result = await sender.post({ target, id: run.runId, body, attemptedAtMs: nowMs, extraHeaders }, abort);
    const retryAfterMs = result.outcome === 'retryable' ? result.retryAfterMs : undefined;
    const delivery: Delivery = {
      deliveryId: run.runId,
      project: run.project,
      model: run.model,
      receiver: run.policy,
      channel: 'webhook',
      kind: 'retraining',
      transitionIds: [],
      attempt,
      outcome: result.outcome,
      status: result.status,
      detail: result.detail,
      sentAtMs: nowMs,
      nextAttemptAtMs:
        result.outcome === 'retryable' ? nextAttemptAtMs(attempt, nowMs, Math.random(), retryAfterMs) : 0,
    };
    await insertDelivery(store, delivery);
    return delivery;
  }

  private async save(run: RetrainingRun): Promise<void> {
    await saveRetrainingRun(this.dependencies.store, run);
    this.dependencies.metrics.retrainingRun(run.status);
  }
}
