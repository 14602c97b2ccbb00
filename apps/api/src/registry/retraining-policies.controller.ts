import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type RetrainingPolicy,
  type RetrainingPolicyDeclaration,
  retrainingPolicyDeclarationSchema,
  type RetrainingPolicyReply,
  retrainingPolicyReplySchema,
  type RetrainingRequest,
} from '@plumbline/contracts';
import { renderRetrainingRequest } from '@plumbline/monitoring';
import { findRetrainingPolicy, listRetrainingPolicies, saveRetrainingPolicy, Store } from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';
import { findRegisteredModel } from './find-registered-model.js';

const retrainingPreviewSchema = z.object({
  request: z.string().describe('what would be sent, as text for people'),
});

@ApiTags('retraining')
@Controller('v1/models/:model/retraining-policies')
export class RetrainingPoliciesController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'List the retraining policies of a model' })
  @ApiOkResponse({ standardSchema: pageOf(retrainingPolicyReplySchema) })
  async list(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<RetrainingPolicyReply>> {
    const policies = await listRetrainingPolicies(this.store, project, model);
    return { items: policies.map(toReply), next_cursor: null };
  }

  @Get(':policy')
  @ApiOperation({ summary: 'Read a retraining policy' })
  @ApiOkResponse({ standardSchema: retrainingPolicyReplySchema })
  async find(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('policy', { schema: nameSchema }) policy: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<RetrainingPolicyReply> {
    return toReply(await this.existing(project, model, policy));
  }

  @Get(':policy/preview')
  @ApiOperation({
    summary: 'Show what a retraining policy would send',
    description: 'With made-up values, secrets by name. Nobody is called.',
  })
  @ApiOkResponse({ standardSchema: retrainingPreviewSchema })
  async preview(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('policy', { schema: nameSchema }) policy: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<z.output<typeof retrainingPreviewSchema>> {
    const { declaration } = await this.existing(project, model, policy);
    return { request: renderRetrainingRequest(declaration.target, madeUpRequest(project, model, policy)) };
  }

  @Put(':policy')
  @ApiOperation({ summary: 'Declare when a model is retrained, and whom to call' })
  @ApiOkResponse({ standardSchema: retrainingPolicyReplySchema })
  async declare(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('policy', { schema: nameSchema }) policy: string,
    @Body({ schema: retrainingPolicyDeclarationSchema }) declaration: RetrainingPolicyDeclaration,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<RetrainingPolicyReply> {
    await findRegisteredModel(this.store, project, model);
    const change = { updatedBy: name, updatedAtMs: Date.now() };
    await saveRetrainingPolicy(this.store, { project, model, policy, declaration, ...change });
    return toReply({ project, model, policy, declaration, ...change });
  }

  @Delete(':policy')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a retraining policy' })
  @ApiNoContentResponse()
  async remove(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('policy', { schema: nameSchema }) policy: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<void> {
    await this.existing(project, model, policy);
    const gone = { declaration: undefined, updatedBy: name, updatedAtMs: Date.now() };
    await saveRetrainingPolicy(this.store, { project, model, policy, ...gone });
  }

  private async existing(project: string, model: string, policy: string): Promise<RetrainingPolicy> {
    const found = await findRetrainingPolicy(this.store, project, model, policy);
    if (found === undefined) throw new Problem(404, `model "${model}" has no retraining policy "${policy}"`);
    return found;
  }
}

/** A request as a run would make it. */
function madeUpRequest(project: string, model: string, policy: string): RetrainingRequest {
  const runId = '0123456789abcdef0123456789abcdef';
  return {
    runId,
    project,
    model,
    version: '1',
    policy,
    reason: 'A preview: 1 alert is firing: performance on accuracy (critical).',
    alertIds: ['fedcba9876543210fedcba9876543210'],
    features: ['age', 'income'],
    requestedAtMs: Date.UTC(2026, 0, 1),
    runUrl: `/v1/retraining-runs/${runId}`,
    callbackUrl: `/v1/retraining-runs/${runId}/status?token=…`,
  };
}

function toReply({ model, policy, declaration }: RetrainingPolicy): RetrainingPolicyReply {
  return { model, policy, ...declaration };
}
