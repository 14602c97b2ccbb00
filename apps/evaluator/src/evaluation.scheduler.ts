import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { type Configuration, parseDuration } from '@plumbline/contracts';
import { StorageError } from '@plumbline/storage';
import { StreamOverloadedError, StreamStoppedError } from '@plumbline/stream';
import { type CheckResult, CONFIGURATION, Health, Logger } from '@plumbline/telemetry';
import { EvaluationService } from './evaluation.service.js';
import { EvaluatorMetrics } from './evaluator.metrics.js';

/** A tick under way for so long hangs. Catching up after weeks takes minutes. */
const STALLED_MS = 15 * 60_000;

/** Between looks at cells that are waited for: the ingester needs about as long for a batch. */
const WAITING_MS = 1_000;

/** Evaluates what is due, tick after tick, and never two at a time. */
@Injectable()
export class EvaluationScheduler implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly tickMs: number;
  private readonly enabled: boolean;
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  private soon: NodeJS.Timeout | undefined;
  private lastEndAtMs = Date.now();

  constructor(
    private readonly schedulers: SchedulerRegistry,
    private readonly evaluation: EvaluationService,
    private readonly metrics: EvaluatorMetrics,
    private readonly health: Health,
    private readonly logger: Logger,
    @Inject(CONFIGURATION) { evaluation: { tick, enabled } }: Configuration,
  ) {
    this.tickMs = parseDuration(tick);
    this.enabled = enabled;
  }

  onApplicationBootstrap(): void {
    if (!this.enabled) return;
    this.health.register('evaluator', async () => this.check(Date.now()));
    this.schedulers.addInterval(
      'evaluation',
      // A rejection is an error nobody knows how to handle: it ends the process.
      setInterval(() => void this.tick(), this.tickMs),
    );
  }

  onModuleDestroy(): void {
    this.abort.abort();
    clearTimeout(this.soon);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  private async tick(): Promise<void> {
    if (this.abort.signal.aborted) return;
    if (this.running !== undefined) {
      this.metrics.missed('still_running');
      return;
    }
    this.running = this.evaluate(Date.now()).finally(() => (this.running = undefined));
    await this.running;
  }

  private async evaluate(nowMs: number): Promise<void> {
    try {
      const complete = await this.evaluation.evaluateDue(nowMs, this.abort.signal);
      this.lastEndAtMs = Date.now();
      this.metrics.tickDone(this.lastEndAtMs - nowMs, this.lastEndAtMs, complete);
      if (this.evaluation.waiting) this.tickSoon();
    } catch (error) {
      if (error instanceof StreamStoppedError) return;
      if (error instanceof StreamOverloadedError) {
        this.metrics.missed(error.reason);
        this.logger.warn({ err: error }, 'models were not evaluated: the stream takes nothing now');
        return;
      }
      if (!(error instanceof StorageError && error.retryable)) throw error;
      this.metrics.missed('storage');
      this.logger.warn({ err: error }, 'nothing was evaluated: the store did not answer');
    }
  }

  private tickSoon(): void {
    if (this.soon !== undefined || this.tickMs <= WAITING_MS) return;
    this.soon = setTimeout(() => {
      this.soon = undefined;
      if (this.running === undefined) void this.tick();
    }, WAITING_MS);
  }

  private check(nowMs: number): CheckResult {
    const silentMs = nowMs - this.lastEndAtMs;
    if (silentMs <= STALLED_MS + this.tickMs) return { ok: true };
    return { ok: false, detail: `windows were last looked for ${Math.round(silentMs / 1000)} s ago` };
  }
}
