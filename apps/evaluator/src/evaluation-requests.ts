import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { EvaluationTick, TickRecord } from '@plumbline/contracts';
import { ReconcileTimeoutError } from '@plumbline/platform';
import { findEvaluationRun, Store } from '@plumbline/storage';
import { EventStream, type StreamBatch, StreamStoppedError } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { EvaluationService } from './evaluation.service.js';
import { RunProgress } from './run-progress.js';

/**
 * Carries out evaluations on request for the models that this process owns. A request is acknowledged when it has an end, good or
 * bad, so one whose process dies is delivered to the next owner, who does it again: what is stored already stays as it is.
 */
@Injectable()
export class EvaluationRequests implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly evaluation: EvaluationService,
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.stream.subscribe('plumbline.ticks', (batch) => this.handle(batch), { group: 'evaluator' });
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  private async handle(batch: StreamBatch<TickRecord>): Promise<void> {
    const ticks: EvaluationTick[] = [];
    for (const { value } of batch.records) {
      if (value.type === 'evaluation') ticks.push(value);
      else this.logger.error({ topic: batch.topic, detail: value.detail }, 'a record that is no tick of ours');
    }
    for (const [index, tick] of ticks.entries()) {
      await this.run(tick, ticks.slice(index + 1), batch);
      await batch.heartbeat();
    }
  }

  /** @param next wait behind this one, and must not look abandoned meanwhile */
  private async run(
    tick: EvaluationTick,
    next: readonly EvaluationTick[],
    batch: StreamBatch<TickRecord>,
  ): Promise<void> {
    const { project, model, evaluationId } = tick;
    const before = await findEvaluationRun(this.store, project, evaluationId);
    // A delivery again, of a batch whose first requests had their end. Without an attempt nobody has tried: it was given up too early.
    if (before !== undefined && before.status !== 'running' && before.attempts > 0) return;
    const progress = new RunProgress(this.store, tick, before, next, batch, this.stopping.signal);
    try {
      await this.evaluation.evaluateRange(
        project,
        tick.request,
        () => progress.begin(Date.now()),
        progress,
        progress.signal,
      );
      await progress.end('done', '');
    } catch (error) {
      if (progress.failure !== undefined) throw progress.failure as Error;
      if (error instanceof StreamStoppedError) {
        // In one process nobody will take it up: who asked is told now. Elsewhere the next owner does.
        if (this.stopping.signal.aborted && this.stream.publishMeans === 'handled') {
          await progress.end('failed', 'the server stopped before the evaluation was done: ask again');
        }
        throw error;
      }
      if (!(error instanceof RangeError || error instanceof ReconcileTimeoutError)) throw error;
      this.logger.warn({ err: error, model, evaluation: evaluationId }, 'an evaluation on request failed');
      await progress.end('failed', error.message);
    }
  }
}
