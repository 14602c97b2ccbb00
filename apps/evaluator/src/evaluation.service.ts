import { Inject, Injectable } from '@nestjs/common';
import {
  type Configuration,
  type EvaluationRequest,
  type Model,
  type Monitor,
  parseDuration,
  recordKey,
  type Transition,
} from '@plumbline/contracts';
import { monitorsOf } from '@plumbline/monitoring';
import {
  findModel,
  type HourMark,
  listAllDeclaredMonitors,
  listAllTouchedHours,
  listDeclaredMonitors,
  listModels,
  listTouchedHours,
  StorageError,
  Store,
} from '@plumbline/storage';
import { EventStream, StreamOverloadedError } from '@plumbline/stream';
import { CONFIGURATION, Logger } from '@plumbline/telemetry';
import type { Conclusion } from './conclude.js';
import { EvaluatorMetrics } from './evaluator.metrics.js';
import type { MonitorPlan } from './monitor-plan.js';
import { planDue, type PlanMemory } from './plan-due.js';
import { planRange } from './plan-range.js';
import { countWindows, runPlans } from './run-plans.js';

function groupByModel<T extends { readonly project: string; readonly model: string }>(
  rows: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = recordKey(row.project, row.model);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** What an evaluation on request tells on its way. */
export interface RangeListener {
  planned(windows: number): void;
  windowDone(): void;
  decided(transitions: readonly Transition[]): void;
}

/** Evaluates windows: those that are due, and those that somebody asks for. One model is evaluated once at a time. */
@Injectable()
export class EvaluationService {
  private readonly catchUpMs: number;
  private readonly memories = new Map<string, PlanMemory>();
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
    private readonly metrics: EvaluatorMetrics,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.catchUpMs = parseDuration(configuration.evaluation.catchUp);
  }

  /** Evaluates what is due for all models. Returns whether everything was done; what was not is due again. */
  async evaluateDue(nowMs: number, signal: AbortSignal): Promise<boolean> {
    let complete = true;
    const models = await listModels(this.store);
    const declared = groupByModel(await listAllDeclaredMonitors(this.store));
    const touched = await this.touchedHours(models);
    for (const model of models) {
      if (signal.aborted) return false;
      const key = recordKey(model.project, model.model);
      const monitors = monitorsOf(model, declared.get(key) ?? []);
      try {
        await this.alone(model, () => this.evaluateDueOf(model, monitors, touched.get(key) ?? [], nowMs, signal));
      } catch (error) {
        complete = false;
        this.reportMiss(model, error);
      }
    }
    return complete;
  }

  /** Touched hours of the models that were looked at before, in one query: a fleet without work must cost next to nothing. */
  private async touchedHours(models: readonly Model[]): Promise<Map<string, HourMark[]>> {
    const since = models.flatMap(
      ({ project, model }) => this.memories.get(recordKey(project, model))?.touchedSinceMs ?? [],
    );
    if (since.length === 0) return new Map();
    return groupByModel(
      await listAllTouchedHours(
        this.store,
        since.reduce((least, one) => Math.min(least, one), Infinity),
      ),
    );
  }

  /**
   * Evaluates the windows of a time range, evaluated before or not.
   * @throws RangeError when the request cannot be met, with a message for who asked
   * @throws StorageError
   */
  async evaluateRange(
    project: string,
    request: EvaluationRequest,
    now: () => number,
    listener: RangeListener,
    signal: AbortSignal,
  ): Promise<void> {
    const model = await findModel(this.store, project, request.model);
    if (model === undefined) throw new RangeError(`there is no model "${request.model}"`);
    await this.alone(model, async () => {
      // Taken when it is this model's turn: what a tick wrote meanwhile must not look newer than this.
      const nowMs = now();
      await this.reconcile(model);
      const plans = await planRange(this.store, model, await this.monitors(model), request, nowMs);
      listener.planned(countWindows(plans));
      const { store, stream, logger } = this;
      const done = await runPlans(model, plans, {
        store,
        stream,
        logger,
        nowMs,
        signal,
        onWindow: () => {
          this.metrics.windowEvaluated('request');
          listener.windowDone();
        },
        onConclusion: (plan, conclusion) => {
          this.report(plan, conclusion);
          listener.decided(conclusion.transitions);
        },
      });
      if (!done) throw new RangeError('the server stopped before the evaluation was done: ask again');
    });
  }

  private async evaluateDueOf(
    model: Model,
    monitors: readonly Monitor[],
    touched: readonly HourMark[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const key = recordKey(model.project, model.model);
    const known = this.memories.get(key);
    const hours =
      known === undefined
        ? await listTouchedHours(this.store, model.project, model.model, nowMs - this.catchUpMs)
        : touched.filter(({ touchedAtMs }) => touchedAtMs > known.touchedSinceMs);
    const { plans, memory } = await planDue(this.store, model, monitors, known, hours, this.catchUpMs, nowMs);
    if (plans.length > 0) {
      await this.reconcile(model);
      const { store, stream, logger } = this;
      const onWindow = () => this.metrics.windowEvaluated('tick');
      const onConclusion = (plan: MonitorPlan, conclusion: Conclusion) => this.report(plan, conclusion);
      const options = { store, stream, logger, nowMs, signal, onWindow, onConclusion };
      if (!(await runPlans(model, plans, options))) return;
    }
    this.memories.set(key, memory);
  }

  private async monitors(model: Model): Promise<Monitor[]> {
    return monitorsOf(model, await listDeclaredMonitors(this.store, model.project, model.model));
  }

  /** Has the owner of the model's cells make them equal to its raw rows before they are read. */
  private async reconcile({ project, model }: Model): Promise<void> {
    const key = recordKey(project, model);
    const value = { type: 'reconcile', project, model } as const;
    await this.stream.publish('plumbline.predictions', [{ key, value, sizeBytes: 2 * key.length }]);
  }

  /** Runs the work when no other work of the model runs: states of alerts are read, decided and written by one at a time. */
  private async alone<T>({ project, model }: Model, work: () => Promise<T>): Promise<T> {
    const key = recordKey(project, model);
    const before = this.running.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.running.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.running.get(key) === mine) this.running.delete(key);
    }
  }

  private report({ monitor }: MonitorPlan, { measurements, transitions }: Conclusion): void {
    if (measurements.length > 0) this.metrics.show(monitor.declaration.detector, measurements);
    for (const { model, version, feature, method, from, to, severity, windowEndMs, reason } of transitions) {
      this.metrics.alertChanged(to);
      const window_end = new Date(windowEndMs).toISOString();
      this.logger.debug(
        { model, version, monitor: monitor.monitor, feature, method, from, to, severity, window_end, reason },
        'an alert changed',
      );
    }
  }

  /** What may pass is tried again by the next tick, and costs the other models nothing; anything else ends the process. */
  private reportMiss({ project, model }: Model, error: unknown): void {
    if (error instanceof StreamOverloadedError) {
      this.metrics.missed('overloaded');
      this.logger.warn({ err: error, project, model }, 'a model was not evaluated: the stream is full');
    } else if (error instanceof StorageError) {
      this.metrics.missed('storage');
      this.logger[error.retryable ? 'warn' : 'error']({ err: error, project, model }, 'a model was not evaluated');
    } else {
      throw error;
    }
  }
}
