import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type EvaluationProgress,
  evaluationProgressSchema,
  type EvaluationRequest,
  evaluationRequestSchema,
  type Evaluations,
  EVALUATIONS,
} from '@plumbline/contracts';
import { Store } from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { Problem } from '../http/problem.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';

const evaluationIdSchema = z.string().min(1).max(128);

@ApiTags('evaluations')
@Controller('v1/evaluations')
export class EvaluationsController {
  constructor(
    private readonly store: Store,
    @Inject(EVALUATIONS) private readonly evaluations: Evaluations,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Evaluate the windows of a time range, the past included',
    description: 'Answers at once; GET /v1/evaluations/{id} tells how far it is.',
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
    return this.evaluations.start(request, project);
  }

  @Get(':evaluation')
  @ApiOperation({ summary: 'Read how far an evaluation is, and what it changed' })
  @ApiOkResponse({ standardSchema: evaluationProgressSchema })
  async find(
    @Param('evaluation', { schema: evaluationIdSchema }) evaluation: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<EvaluationProgress> {
    const found = await this.evaluations.find(evaluation, project);
    if (found === undefined) throw new Problem(404, `there is no evaluation "${evaluation}"`);
    return found;
  }
}
