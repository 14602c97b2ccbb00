import {
  parseDuration,
  type RetrainingEvent,
  type RetrainingPolicy,
  type RetrainingPolicyDeclaration,
  retrainingPolicyDeclarationSchema,
  type RetrainingRun,
  type RetrainingRunStatus,
} from '@plumbline/contracts';
import {
  changeRun,
  type ModelSituation,
  renderRetrainingRequest,
  requestRetraining,
  type RunChange,
} from '@plumbline/monitoring';
import type { LinkKeys } from '@plumbline/platform';
import {
  findRetrainingRun,
  insertRetrainingEvent,
  insertRetrainingRun,
  listRetrainingPolicies,
  listRetrainingRuns,
  listVersions,
  type ModelKey,
  type Store,
} from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import type { AlerterMetrics } from '../alerter.metrics.js';
import { readSituation } from './read-situation.js';
import { requestOfRun } from './request-of-run.js';
import { RunVerifier } from './run-verifier.js';
import { settleAlerts } from './settle-alerts.js';
import { TargetCaller } from './target-caller.js';
import type { RetrainingCaller } from './targets/retraining-caller.js';

/** Runs that a policy looks back on: enough for any cool-down, as it makes at most one run in each. */
const PREVIOUS_RUNS = 200;

/** Of a policy that is gone, for what a pipeline still reports. */
const DEFAULTS: Pick<RetrainingPolicyDeclaration, 'timeout' | 'verify_within' | 'verify_labels'> =
  retrainingPolicyDeclarationSchema.parse({ target: { url: 'https://gone.invalid' } });

export interface RetrainerDependencies {
  readonly store: Store;
  readonly caller: RetrainingCaller;
  readonly links: LinkKeys;
  /** How people and pipelines reach this server, without a slash at its end. */
  readonly externalUrl: string;
  readonly metrics: AlerterMetrics;
  readonly logger: Logger;
  /** Interrupts a call; the next process makes it again, under the same key. */
  readonly abort: AbortSignal;
  /** Told of models about whom there is something new to tell. */
  readonly wake: (model: ModelKey) => Promise<void>;
}

/** Asks pipelines to retrain a model when its policies say so, and follows each run to its end. */
export class Retrainer {
  private readonly targets: TargetCaller;
  private readonly verifier: RunVerifier;

  constructor(private readonly dependencies: RetrainerDependencies) {
    this.targets = new TargetCaller(dependencies);
    this.verifier = new RunVerifier(dependencies.store);
  }

  /**
   * Decides which runs a model needs, then takes each unfinished run as far as it goes now. Returns when to look again, in
   * milliseconds since 1970; undefined when nothing is left. Never to run twice at a time for one model.
   *
   * A run is written before anything is done about it, and each change after it was done; what is done can be done again. So a
   * crash anywhere costs nothing but a repetition, under the same key.
   * @throws StorageError
   */
  async retrain(project: string, model: string, nowMs: number): Promise<number | undefined> {
    const { store } = this.dependencies;
    const policies = await listRetrainingPolicies(store, project, model);
    const runs = await listRetrainingRuns(store, { project, model, limit: PREVIOUS_RUNS });
    if (policies.length === 0 && runs.length === 0) return undefined;
    const situation = await readSituation(store, project, model);
    runs.unshift(...(await this.request(project, model, policies, situation, runs, nowMs)));
    let nextAtMs = Infinity;
    for (const run of runs.reverse()) {
      const policy = policies.find((each) => each.policy === run.policy);
      nextAtMs = Math.min(nextAtMs, await this.advance(run, policy, situation.alerts, nowMs));
    }
    return nextAtMs === Infinity ? undefined : nextAtMs;
  }

  /** Writes the runs that the policies ask for now, and returns them. */
  private async request(
    project: string,
    model: string,
    policies: readonly RetrainingPolicy[],
    situation: ModelSituation,
    previousRuns: readonly RetrainingRun[],
    nowMs: number,
  ): Promise<RetrainingRun[]> {
    if (policies.length === 0) return [];
    const { store, metrics, logger } = this.dependencies;
    const requested: RetrainingRun[] = [];
    const version = await this.newestVersion(project, model);
    for (const policy of policies) {
      const decision = requestRetraining(policy, situation, version, [...requested, ...previousRuns], nowMs);
      if (!decision.asks) {
        logger.debug(
          { project, model, policy: policy.policy, because: decision.because },
          'no retraining is asked for',
        );
        continue;
      }
      await insertRetrainingRun(store, decision.run);
      metrics.retrainingRun(decision.run.status);
      requested.unshift(decision.run);
    }
    return requested;
  }

  private async newestVersion(project: string, model: string): Promise<string> {
    const versions = await listVersions(this.dependencies.store, project, model);
    return versions.reduce((newest, each) => (each.lastMs > newest.lastMs ? each : newest), {
      version: '',
      lastMs: 0,
    }).version;
  }

  /** Takes a run as far as it goes now. Returns when there is more to do; Infinity when somebody else comes next, or nobody. */
  private async advance(
    run: RetrainingRun,
    policy: RetrainingPolicy | undefined,
    openAlerts: ModelSituation['alerts'],
    nowMs: number,
  ): Promise<number> {
    // A policy that nobody is to be called by any more stops what has not been called.
    const active = policy !== undefined && policy.declaration.enabled && !policy.declaration.dry_run;
    const declaration = policy?.declaration ?? DEFAULTS;
    switch (run.status) {
      case 'requested':
      case 'approved':
        if (!active) return this.giveUp(run, nowMs);
        if (run.status === 'requested' && policy.declaration.approval !== undefined)
          return this.askForApproval(run, policy, nowMs);
        return this.call(run, policy, nowMs);
      case 'awaiting_approval':
        return active ? this.awaitApproval(run, policy, nowMs) : this.giveUp(run, nowMs);
      case 'dry_run':
        return this.showDryRun(run, policy, nowMs);
      case 'triggered':
      case 'running': {
        const timeoutAtMs = run.updatedAtMs + parseDuration(declaration.timeout);
        if (nowMs < timeoutAtMs) return timeoutAtMs;
        const detail = `The pipeline has not reported for ${declaration.timeout}.`;
        return this.change(run, { to: 'timed_out', who: 'plumbline', detail }, nowMs);
      }
      case 'succeeded': {
        if (run.newVersion === '' || run.comparison !== undefined) return Infinity;
        const { change, nextAtMs } = await this.verifier.verify(run, declaration, nowMs);
        if (change === undefined) return nextAtMs;
        await this.change(run, change, nowMs);
        return nowMs;
      }
      case 'verified':
      case 'rejected':
        if (await settleAlerts(this.dependencies.store, run, openAlerts, nowMs))
          await this.dependencies.wake({ project: run.project, model: run.model });
        return Infinity;
      default:
        return Infinity;
    }
  }

  /** Ends a run whose policy is gone. One that nobody was called for does not count: the policy may come back. */
  private async giveUp(run: RetrainingRun, nowMs: number): Promise<number> {
    const to = (await this.targets.wasCalled(run)) ? 'failed' : 'cancelled';
    return this.change(run, { to, who: 'plumbline', detail: 'The policy is gone or disabled.' }, nowMs);
  }

  private async askForApproval(run: RetrainingRun, policy: RetrainingPolicy, nowMs: number): Promise<number> {
    const within = policy.declaration.approval!.within;
    const detail = `A person must approve within ${within}.`;
    await this.change(run, { to: 'awaiting_approval', who: 'plumbline', detail }, nowMs);
    return nowMs + parseDuration(within);
  }

  private async awaitApproval(run: RetrainingRun, { declaration }: RetrainingPolicy, nowMs: number): Promise<number> {
    // A policy that asks for none any more leaves the question open that was asked.
    const within = declaration.approval?.within ?? '3d';
    const endMs = run.updatedAtMs + parseDuration(within);
    if (nowMs < endMs) return endMs;
    const detail = `Nobody answered within ${within}.`;
    return this.change(run, { to: 'refused', who: 'plumbline', detail }, nowMs);
  }

  private async call(run: RetrainingRun, policy: RetrainingPolicy, nowMs: number): Promise<number> {
    const { store, links, externalUrl } = this.dependencies;
    // People decide and pipelines report meanwhile: what was read a while ago may not be so any more.
    const current = await findRetrainingRun(store, run.project, run.runId);
    if (current === undefined || (current.status !== 'requested' && current.status !== 'approved')) return nowMs;
    const request = await requestOfRun(current, links, externalUrl);
    const result = await this.targets.call(current, policy, request, nowMs);
    return result.settled ? this.change(current, result.change, nowMs) : result.nextAtMs;
  }

  /** Writes what would have been sent into the history of a dry run. */
  private async showDryRun(run: RetrainingRun, policy: RetrainingPolicy | undefined, nowMs: number): Promise<number> {
    if (policy === undefined || run.detail !== '') return Infinity;
    const { links, externalUrl } = this.dependencies;
    const request = await requestOfRun(run, links, externalUrl);
    const detail = renderRetrainingRequest(policy.declaration.target, request);
    await this.change(run, { to: 'dry_run', who: 'plumbline', detail }, nowMs);
    return Infinity;
  }

  /** Writes a change, if it is one. Returns when to look at the run again. */
  private async change(run: RetrainingRun, change: RunChange, nowMs: number): Promise<number> {
    const { store, metrics, logger, wake } = this.dependencies;
    // A round may have begun before a person's decision that it found: what it does of it comes after it.
    const event = changeRun(run, change, Math.max(nowMs, run.updatedAtMs));
    if (event === undefined) return Infinity;
    await insertRetrainingEvent(store, event);
    if (event.from !== event.to) metrics.retrainingRun(event.to);
    logger.info(fieldsOf(event), `retraining run ${event.from} → ${event.to}`);
    await wake({ project: run.project, model: run.model });
    return ENDS.has(event.to) ? Infinity : nowMs;
  }
}

/** After these the run is not looked at again in this round. */
const ENDS: ReadonlySet<RetrainingRunStatus> = new Set(['refused', 'failed', 'timed_out', 'cancelled', 'dry_run']);

function fieldsOf({ project, model, runId, from, to, who, detail }: RetrainingEvent): object {
  return { project, model, run_id: runId, from, to, who, detail };
}
