import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { EvaluationProgress, EvaluationRequest, Evaluations, Transition } from '@plumbline/contracts';
import { StorageError } from '@plumbline/storage';
import { StreamOverloadedError, StreamStoppedError } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { EvaluationService } from './evaluation.service.js';

/** Finished evaluations that can still be asked for. */
const REMEMBERED = 200;

interface Job {
  readonly project: string;
  progress: EvaluationProgress;
}

/** Runs the evaluations that the API asks for in the background, and tells how far they are. */
@Injectable()
export class EvaluationRequests implements Evaluations, OnModuleDestroy, OnApplicationShutdown {
  private readonly jobs = new Map<string, Job>();
  private readonly runs = new Set<Promise<void>>();
  private readonly abort = new AbortController();

  constructor(
    private readonly evaluation: EvaluationService,
    private readonly logger: Logger,
  ) {}

  async start(request: EvaluationRequest, project: string): Promise<EvaluationProgress> {
    const id = randomUUID();
    const job: Job = {
      project,
      progress: {
        id,
        model: request.model,
        status: 'running',
        windows_total: 0,
        windows_done: 0,
        transitions: [],
        error: null,
      },
    };
    this.forgetOldest();
    this.jobs.set(id, job);
    const started = job.progress;
    const run = this.run(job, request).finally(() => this.runs.delete(run));
    this.runs.add(run);
    return started;
  }

  async find(id: string, project: string): Promise<EvaluationProgress | undefined> {
    const job = this.jobs.get(id);
    return job?.project === project ? job.progress : undefined;
  }

  onModuleDestroy(): void {
    this.abort.abort();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.runs);
  }

  private async run(job: Job, request: EvaluationRequest): Promise<void> {
    const update = (change: Partial<EvaluationProgress>): void => {
      job.progress = { ...job.progress, ...change };
    };
    const listener = {
      planned: (windows: number) => update({ windows_total: windows }),
      windowDone: () => update({ windows_done: job.progress.windows_done + 1 }),
      decided: (transitions: readonly Transition[]) =>
        update({ transitions: [...job.progress.transitions, ...transitions.map(transitionReply)] }),
    };
    try {
      await this.evaluation.evaluateRange(job.project, request, Date.now, listener, this.abort.signal);
      update({ status: 'done' });
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.logger.warn(
        { err: error, model: request.model, evaluation: job.progress.id },
        'an evaluation on request failed',
      );
      update({ status: 'failed', error: error.message });
    }
  }

  private forgetOldest(): void {
    for (const [id, { progress }] of this.jobs) {
      if (this.jobs.size < REMEMBERED) return;
      if (progress.status !== 'running') this.jobs.delete(id);
    }
  }
}

/** Failures that whoever asked is told of; any other ends the process. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof RangeError ||
    error instanceof StorageError ||
    error instanceof StreamOverloadedError ||
    error instanceof StreamStoppedError
  );
}

function transitionReply(transition: Transition): EvaluationProgress['transitions'][number] {
  return {
    transition_id: transition.transitionId,
    alert_id: transition.alertId,
    monitor: transition.monitor,
    version: transition.version,
    segment: transition.segment,
    feature: transition.feature,
    method: transition.method,
    window_end: new Date(transition.windowEndMs).toISOString(),
    from: transition.from,
    to: transition.to,
    severity: transition.severity,
    value: Number.isFinite(transition.value) ? transition.value : null,
    reason: transition.reason,
  };
}
