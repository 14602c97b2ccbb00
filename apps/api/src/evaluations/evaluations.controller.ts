import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Configuration,
  type EvaluationProgress,
  evaluationProgressSchema,
  type EvaluationRequest,
  evaluationRequestSchema,
  parseDuration,
  recordKey,
} from '@plumbline/contracts';
import {
  type EvaluationRun,
  findEvaluationRun,
  listTransitionsOfRun,
  newEvaluationRun,
  saveEvaluationRuns,
  Store,
} from '@plumbline/storage';
import { EventStream, StreamStoppedError } from '@plumbline/stream';
import { CONFIGURATION } from '@plumbline/telemetry';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { problemOf } from '../http/problem-of.js';
import { Problem } from '../http/problem.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';
import { evaluationReply } from './evaluation-reply.js';

const evaluationIdSchema = z.string().min(1).max(128);

@ApiTags('evaluations')
@Controller('v1/evaluations')
export class EvaluationsController {
  private readonly abandonedAfterMs: number;

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    @Inject(CONFIGURATION) { evaluation }: Configuration,
  ) {
    this.abandonedAfterMs = parseDuration(evaluation.abandonedAfter);
  }

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Evaluate the windows of a time range, the past included',
    description:
      'Answers at once; GET /v1/evaluations/{id} tells how far it is. What was acknowledged before is counted in the windows.',
  })
  @ApiAcceptedResponse({ standardSchema: evaluationProgressSchema })
  async start(
    @Body({ schema: evaluationRequestSchema }) request: EvaluationRequest,
    @CurrentCaller() { project }: Caller,
  ): Promise<EvaluationProgress> {
    if (Date.parse(request.from) >= Date.parse(request.to)) {
      const message = 'must be later than "from"';
      throw new Problem(400, `to: ${message}`, { errors: [{ field: 'to', message }] });
    }
    await findRegisteredModel(this.store, project, request.model);
    const identity = { project, model: request.model, evaluationId: randomUUID() };
    const run = newEvaluationRun({ ...identity, requestedAtMs: Date.now() });
    // Before it is asked for, so that whoever takes it up finds it, and a client that asks at once does too.
    await saveEvaluationRuns(this.store, [run]);
    await this.ask(run, request);
    return evaluationReply(run, [], this.abandonedAfterMs, run.requestedAtMs);
  }

  @Get(':evaluation')
  @ApiOperation({ summary: 'Read how far an evaluation is, and what it changed' })
  @ApiOkResponse({ standardSchema: evaluationProgressSchema })
  async find(
    @Param('evaluation', { schema: evaluationIdSchema }) evaluation: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<EvaluationProgress> {
    const run = await findEvaluationRun(this.store, project, evaluation);
    if (run === undefined) throw new Problem(404, `there is no evaluation "${evaluation}"`);
    return evaluationReply(run, await listTransitionsOfRun(this.store, run), this.abandonedAfterMs, Date.now());
  }

  /** Hands the request to the owner of the model; resolves when it will not be lost with this process, if another has it. */
  private async ask(run: EvaluationRun, request: EvaluationRequest): Promise<void> {
    const { project, model, evaluationId, requestedAtMs } = run;
    const key = recordKey(project, model);
    const value = { type: 'evaluation', project, model, evaluationId, request, requestedAtMs } as const;
    const published = this.stream.publish('plumbline.ticks', [{ key, value, sizeBytes: 512 + 2 * key.length }]);
    try {
      if (this.stream.publishMeans === 'queued') {
        await published;
      } else {
        // In one process it resolves when the evaluation has ended. A queue without room says so at once.
        await Promise.race([published, Promise.resolve()]);
        published.catch((error: unknown) => {
          // The evaluator has told its end, or will be found to be silent. Anything else nobody knows: it ends the process.
          if (!(error instanceof StreamStoppedError)) throw error;
        });
      }
    } catch (error) {
      await saveEvaluationRuns(this.store, [{ ...run, status: 'failed', error: 'the request could not be passed on' }]);
      throw problemOf(error);
    }
  }
}
