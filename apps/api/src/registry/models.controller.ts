import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Model,
  type ModelDeclaration,
  modelDeclarationSchema,
  type ModelFeature,
  type ModelReply,
  modelReplySchema,
  type ModelSummary,
  modelSummarySchema,
  nameSchema,
  type VersionReply,
  versionReplySchema,
} from '@plumbline/contracts';
import {
  findModel,
  findModelFeatures,
  listModels,
  listVersions,
  markAllHours,
  saveModel,
  saveModelFeatures,
  Store,
} from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf } from '../http/page.js';
import { KnownModels } from '../intake/known-models.js';
import { findRegisteredModel } from './find-registered-model.js';
import { reconcileRecord } from './reconcile-record.js';

@ApiTags('models')
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly knownModels: KnownModels,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the models' })
  @ApiOkResponse({ standardSchema: pageOf(modelSummarySchema) })
  async list(@CurrentCaller() caller: Caller): Promise<Page<ModelSummary>> {
    const models = await listModels(this.store, caller.project);
    return { items: models.map(toSummary), next_cursor: null };
  }

  @Put(':model')
  @ApiOperation({
    summary: 'Declare a model',
    description: 'The whole declaration: what is left out takes its default.',
  })
  @ApiOkResponse({ standardSchema: modelReplySchema })
  async declare(
    @Param('model', { schema: nameSchema }) model: string,
    @Body({ schema: modelDeclarationSchema }) declaration: ModelDeclaration,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<ModelReply> {
    const before = await findModel(this.store, project, model);
    // The clock may have been set back since the last declaration, which this one must outrank.
    const nowMs = Math.max(Date.now(), (before?.updatedAtMs ?? 0) + 1);
    const features = declaration.features.map(({ name: feature, kind, importance }): ModelFeature => ({
      feature,
      kind,
      origin: 'declared',
      ...(importance === undefined ? {} : { importance }),
    }));
    const saved: Model = { project, model, declaration, origin: 'declared', updatedAtMs: nowMs, updatedBy: name };
    await saveModelFeatures(this.store, project, model, features, nowMs);
    await saveModel(this.store, saved);
    if (before !== undefined && before.declaration.positive_class !== declaration.positive_class) {
      // Performance was counted for the other class.
      await markAllHours(this.store, project, model, 'label', nowMs);
    }
    this.knownModels.add(project, model);
    // The owner of the model reads the declaration again, so that what is acknowledged here holds for the next event.
    await this.stream.publish('plumbline.predictions', [reconcileRecord(project, model)]);
    return toReply(saved, await findModelFeatures(this.store, project, model));
  }

  @Get(':model')
  @ApiOperation({ summary: 'Read a model: its declaration and its known features' })
  @ApiOkResponse({ standardSchema: modelReplySchema })
  async find(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ModelReply> {
    const found = await findRegisteredModel(this.store, project, model);
    return toReply(found, await findModelFeatures(this.store, project, model));
  }

  @Get(':model/versions')
  @ApiOperation({ summary: 'List the versions that have predictions' })
  @ApiOkResponse({ standardSchema: pageOf(versionReplySchema) })
  async versions(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<VersionReply>> {
    await findRegisteredModel(this.store, project, model);
    const versions = await listVersions(this.store, project, model);
    const items = versions.map(({ version, firstMs, lastMs, predictions }) => ({
      version,
      first_seen: instantText(firstMs),
      last_seen: instantText(lastMs),
      predictions,
    }));
    return { items, next_cursor: null };
  }
}

function toSummary({ model, origin, declaration, updatedAtMs, updatedBy }: Model): ModelSummary {
  return {
    model,
    origin,
    task: declaration.task ?? null,
    updated_at: instantText(updatedAtMs),
    updated_by: updatedBy,
  };
}

function toReply({ model, origin, declaration, updatedAtMs, updatedBy }: Model, features: ModelFeature[]): ModelReply {
  return {
    model,
    origin,
    updated_at: instantText(updatedAtMs),
    updated_by: updatedBy,
    ...declaration,
    known_features: features.map(({ feature, ...known }) => ({ name: feature, ...known })),
  };
}
