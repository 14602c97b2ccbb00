import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type RetrainingPolicy,
  type RetrainingPolicyDeclaration,
  retrainingPolicyDeclarationSchema,
  type RetrainingPolicyReply,
  retrainingPolicyReplySchema,
} from '@plumbline/contracts';
import { findRetrainingPolicy, listRetrainingPolicies, saveRetrainingPolicy, Store } from '@plumbline/storage';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';
import { findRegisteredModel } from './find-registered-model.js';

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

function toReply({ model, policy, declaration }: RetrainingPolicy): RetrainingPolicyReply {
  return { model, policy, ...declaration };
}
