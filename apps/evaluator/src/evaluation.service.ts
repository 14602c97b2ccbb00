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
  steadyTime,
  Store,
} from '@plumbline/storage';
import { reconcileModel, wakeAlerter } from '@plumbline/platform';
import { EventStream, StreamOverloadedError, StreamStoppedError } from '@plumbline/stream';
import { CONFIGURATION, Logger } from '@plumbline/telemetry';
import { AlertCloser, type EvaluatedChain } from './alert-closer.js';
import { ClockWatch } from './clock-watch.js';
import type { Conclusion } from './conclude.js';
import { EvaluatorMetrics } from './evaluator.metrics.js';
import { FirstBins } from './first-bins.js';
import { type FirstLook, firstLooks, MODELS_PER_LOOK } from './first-look.js';
import type { MonitorPlan } from './monitor-plan.js';
import { planDue, type PlanMemory, TOUCH_MARGIN_MS } from './plan-due.js';
import { planRange } from './plan-range.js';
import { countWindows, runPlans } from './run-plans.js';
import { Settlement } from './settlement.js';

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

/** How long an evaluation on request waits for the events that were acknowledged before it. */
const SETTLE_MS = 5 * 60_000;

/** What an evaluation on request tells on its way. */
export interface RangeListener {
  /** Cells are waited for. */
  waiting?(): Promise<void>;
  planned(windows: number): Promise<void> | void;
  windowDone(): void;
  decided(transitions: readonly Transition[]): void;
}

/** Evaluates windows: those that are due, and those that somebody asks for. One model is evaluated once at a time. */
@Injectable()
export class EvaluationService {
  private readonly catchUpMs: number;
  private readonly memories = new Map<string, PlanMemory>();
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly settlement: Settlement;
  private readonly closer: AlertCloser;
  private readonly bins: FirstBins;
  private readonly clock: ClockWatch;

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
    private readonly metrics: EvaluatorMetrics,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.catchUpMs = parseDuration(configuration.evaluation.catchUp);
    this.settlement = new Settlement(store, stream);
    this.closer = new AlertCloser(store);
    this.bins = new FirstBins(store, logger);
    this.clock = new ClockWatch(logger);
  }

  /** Whether windows are due that wait for cells: worth another look soon. */
  get waiting(): boolean {
    return this.settlement.waiting;
  }

  /**
   * Evaluates what is due for the models that this process owns. Returns whether everything was done; what was not is due again.
   *
   * Windows are measured once the cells hold every event that was acknowledged before they were looked for. Where that takes a
   * while, the next tick finds it done and evaluates them as of the moment they were looked for.
   */
  async evaluateDue(nowMs: number, signal: AbortSignal): Promise<boolean> {
    const models = this.owned(await listModels(this.store));
    if (models.length === 0) return true;
    const declared = groupByModel(await listAllDeclaredMonitors(this.store));
    const touched = await this.touchedHours(models, nowMs);
    await this.closer.learn(models);
    await this.settlement.look();
    const unsettled: Model[] = [];
    let complete = true;
    let looks = new Map<string, FirstLook>();
    for (const [i, model] of models.entries()) {
      if (signal.aborted) return false;
      const key = recordKey(model.project, model.model);
      const ofModel = declared.get(key) ?? [];
      try {
        if (this.settlement.of(key) === 'under way') continue;
        if (!this.memories.has(key) && !looks.has(key)) looks = await this.lookAt(models.slice(i), nowMs);
        const due = () => this.evaluateDueOf(model, ofModel, touched.get(key) ?? [], looks.get(key), nowMs, signal);
        if ((await this.alone(model, due)) === 'unsettled') unsettled.push(model);
      } catch (error) {
        complete = false;
        this.reportMiss(model, error);
      }
    }
    await this.settlement.ask(unsettled, nowMs);
    return complete && !this.waiting;
  }

  /** The models that this process owns at this moment. What was remembered of others is forgotten: their owner changes it. */
  private owned(models: readonly Model[]): Model[] {
    const owned = models.filter(({ project, model }) => this.owns(recordKey(project, model)));
    const keys = new Set(owned.map(({ project, model }) => recordKey(project, model)));
    for (const key of this.memories.keys()) if (!keys.has(key)) this.memories.delete(key);
    this.settlement.keep(keys);
    this.closer.keep(keys);
    return owned;
  }

  private owns(key: string): boolean {
    return this.stream.owns('plumbline.ticks', key);
  }

  /** Reads what planning needs of the next models that nothing is remembered of. */
  private async lookAt(models: readonly Model[], nowMs: number): Promise<Map<string, FirstLook>> {
    const unknown = models.filter(({ project, model }) => !this.memories.has(recordKey(project, model)));
    return firstLooks(this.store, unknown.slice(0, MODELS_PER_LOOK), nowMs - this.catchUpMs);
  }

  /** Touched hours of the models that were looked at before, in one query: a fleet without work must cost next to nothing. */
  private async touchedHours(models: readonly Model[], nowMs: number): Promise<Map<string, HourMark[]>> {
    const since = models.flatMap(
      ({ project, model }) => this.memories.get(recordKey(project, model))?.touchedSinceMs ?? [],
    );
    if (since.length === 0) return new Map();
    const earliest = since.reduce((least, one) => Math.min(least, one), Infinity);
    const marks = await listAllTouchedHours(this.store, earliest);
    this.clock.look(marks, nowMs);
    return groupByModel(marks);
  }

  /**
   * Evaluates the windows of a time range, evaluated before or not.
   * @throws RangeError when the request cannot be met, with a message for who asked
   * @throws ReconcileTimeoutError when what was acknowledged before does not reach the cells in time
   * @throws StreamStoppedError when the signal was aborted first: what is stored stays, and a repetition does the rest
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
      const onWait = () => listener.waiting?.();
      const reconcile = () => reconcileModel(this.stream, this.store, model, { timeoutMs: SETTLE_MS, signal, onWait });
      await reconcile();
      const monitors = await this.monitors(model);
      const plans = await planRange(this.store, model, monitors, request, nowMs);
      // Cells were counted without bins: they are made whole once more.
      if (await this.makeBins(model, monitors, plans, nowMs)) await reconcile();
      await listener.planned(countWindows(plans));
      const { store, stream, logger } = this;
      const done = await runPlans(model, plans, {
        store,
        stream,
        logger,
        nowMs,
        signal,
        monitors,
        // Who asks for an evaluation asks for one by what is declared now.
        references: 'current',
        onWindow: () => {
          this.metrics.windowEvaluated('request');
          listener.windowDone();
        },
        onConclusion: (plan, conclusion) => {
          this.report(plan, conclusion);
          if (conclusion.transitions.length > 0) this.closer.forget(model);
          listener.decided(conclusion.transitions);
        },
      });
      if (!done) throw new StreamStoppedError();
    });
  }

  private async evaluateDueOf(
    model: Model,
    declared: readonly Monitor[],
    touched: readonly HourMark[],
    look: FirstLook | undefined,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<'looked at' | 'unsettled'> {
    const key = recordKey(model.project, model.model);
    const settled = this.settlement.of(key);
    if (settled === 'under way') return 'looked at';
    const asOfMs = settled?.askedAtMs ?? nowMs;
    const known = this.memories.get(key);
    const hours =
      known === undefined
        ? (look?.hours ?? (await listTouchedHours(this.store, model.project, model.model, asOfMs - this.catchUpMs)))
        : touched.filter(({ touchedAtMs }) => touchedAtMs > known.touchedSinceMs);
    const monitors = monitorsOf(model, declared);
    const { plans, memory } = await planDue(
      this.store,
      model,
      monitors,
      known,
      hours,
      this.catchUpMs,
      asOfMs,
      this.aheadAfterMs(nowMs),
      known === undefined ? look : undefined,
    );
    const evaluated = new Map<MonitorPlan, EvaluatedChain>();
    if (plans.length > 0) {
      await this.markLaterThan(model, plans);
      if (settled === undefined) await this.makeBins(model, monitors, plans, asOfMs);
      if (settled === undefined && !(await this.settlement.askNow(model))) return 'unsettled';
      const { store, stream, logger } = this;
      const lost = new AbortController();
      const onWindow = () => {
        this.metrics.windowEvaluated('tick');
        // Another goes on with it, from what is stored.
        if (!this.owns(key)) lost.abort();
      };
      const onConclusion = (plan: MonitorPlan, conclusion: Conclusion) => {
        this.report(plan, conclusion);
        if (conclusion.transitions.length > 0) this.closer.forget(model);
        evaluated.set(plan, { ...conclusion.newest, monitor: plan.monitor.monitor, everyMs: plan.everyMs });
      };
      const either = AbortSignal.any([signal, lost.signal]);
      const references = 'in force' as const;
      const common = { store, stream, logger, nowMs: asOfMs, monitors, references };
      const options = { ...common, signal: either, onWindow, onConclusion };
      if (!(await runPlans(model, plans, options))) return 'looked at';
    }
    await this.closeAlerts(model, declared, [...evaluated.values()], nowMs);
    this.settlement.forget(key);
    this.memories.set(key, memory);
    return 'looked at';
  }

  private async makeBins(
    model: Model,
    monitors: readonly Monitor[],
    plans: readonly MonitorPlan[],
    nowMs: number,
  ): Promise<boolean> {
    if (plans.length === 0) return false;
    const beforeMs = plans.reduce((latest, { windows }) => Math.max(latest, windows.at(-1)?.endMs ?? 0), 0);
    const everyMs = plans.reduce((least, plan) => Math.min(least, plan.everyMs), Infinity);
    return this.bins.make(model, monitors, beforeMs, everyMs, nowMs);
  }

  /** Has data that comes from now on, while the windows are measured too, marked as later than their evaluation. */
  private async markLaterThan({ project, model }: Model, plans: readonly MonitorPlan[]): Promise<void> {
    const latestMs = plans
      .flatMap(({ windows }) => windows)
      .reduce((latest, { notBeforeMs }) => Math.max(latest, notBeforeMs ?? 0), 0);
    if (latestMs > 0) await steadyTime(this.store, { project, model }, latestMs);
  }

  /**
   * From when on marks of late data are not of our time. Where ingest is in another process its clock may be ahead of ours, and its
   * marks are not kept later than our evaluations: then such windows are looked at again until our clock has caught up.
   */
  private aheadAfterMs(nowMs: number): number {
    return this.stream.publishMeans === 'handled' ? nowMs + TOUCH_MARGIN_MS : Infinity;
  }

  /** Ends the alerts that no window will decide on any more, and has it told. */
  private async closeAlerts(
    model: Model,
    declared: readonly Monitor[],
    evaluated: readonly EvaluatedChain[],
    nowMs: number,
  ): Promise<void> {
    const closed = await this.closer.close(model, declared, evaluated, nowMs);
    if (closed.length === 0) return;
    this.reportTransitions(closed);
    await wakeAlerter(this.stream, this.logger, { project: model.project, model: model.model });
  }

  private async monitors(model: Model): Promise<Monitor[]> {
    return monitorsOf(model, await listDeclaredMonitors(this.store, model.project, model.model));
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
    this.reportTransitions(transitions);
  }

  private reportTransitions(transitions: readonly Transition[]): void {
    for (const { model, version, monitor, feature, method, from, to, severity, windowEndMs, reason } of transitions) {
      this.metrics.alertChanged(to);
      const window_end = new Date(windowEndMs).toISOString();
      this.logger.debug(
        { model, version, monitor, feature, method, from, to, severity, window_end, reason },
        'an alert changed',
      );
    }
  }

  /** What may pass is tried again by the next tick, and costs the other models nothing; anything else ends the process. */
  private reportMiss({ project, model }: Model, error: unknown): void {
    if (error instanceof StreamOverloadedError) {
      this.metrics.missed(error.reason);
      this.logger.warn({ err: error, project, model }, 'a model was not evaluated: the stream takes nothing now');
    } else if (error instanceof StorageError) {
      this.metrics.missed('storage');
      this.logger[error.retryable ? 'warn' : 'error']({ err: error, project, model }, 'a model was not evaluated');
    } else {
      throw error;
    }
  }
}
