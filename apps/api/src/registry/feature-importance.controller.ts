import type { IncomingMessage } from 'node:http';
import { Controller, Delete, Get, HttpCode, Param, Put, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type FeatureImportance,
  type FeatureImportanceReply,
  featureImportanceReplySchema,
  featureImportanceSchema,
  type Model,
  nameSchema,
} from '@plumbline/contracts';
import { importanceOf } from '@plumbline/monitoring';
import { findFeatureImportance, saveFeatureImportance, Store, type UploadedImportance } from '@plumbline/storage';
import type { FastifyRequest } from 'fastify';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { parseJson } from '../http/parse-json.js';
import { readBody } from '../http/read-body.js';
import { validate } from '../http/validate.js';
import { findRegisteredModel } from './find-registered-model.js';
import { readImportanceCsv } from './read-importance-csv.js';

const WHAT = 'the importance';
const MAX_BODY_BYTES = 4 * 1024 * 1024;

@ApiTags('models')
@Controller('v1/models/:model/feature-importance')
export class FeatureImportanceController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'Read the importance of the features that is in force' })
  @ApiOkResponse({ standardSchema: featureImportanceReplySchema })
  async find(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<FeatureImportanceReply> {
    const registered = await findRegisteredModel(this.store, project, model);
    return toReply(registered, await findFeatureImportance(this.store, project, model));
  }

  @Put()
  @ApiOperation({
    summary: 'Upload the importance of the features',
    description:
      'JSON as in {"income": 0.4, "age": 12}, or `text/csv` with the columns feature and importance, of any scale. It replaces what was uploaded before and outranks what the model declares.',
  })
  @ApiOkResponse({ standardSchema: featureImportanceReplySchema })
  async upload(
    @Param('model', { schema: nameSchema }) model: string,
    @Req() request: FastifyRequest,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<FeatureImportanceReply> {
    const registered = await findRegisteredModel(this.store, project, model);
    const importance = await readImportance(request.raw);
    const upload = { importance, updatedBy: name, updatedAtMs: Date.now() };
    return toReply(registered, await saveFeatureImportance(this.store, project, model, upload));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Take an upload back: what the model declares is in force again' })
  @ApiNoContentResponse()
  async remove(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<void> {
    await findRegisteredModel(this.store, project, model);
    const nothing = { importance: {}, updatedBy: name, updatedAtMs: Date.now() };
    await saveFeatureImportance(this.store, project, model, nothing);
  }
}

/** @throws Problem 413 or 422, naming the feature or line at fault */
async function readImportance(request: IncomingMessage): Promise<FeatureImportance> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const isCsv = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'text/csv';
  const text = body.toString('utf8');
  return validate(featureImportanceSchema, isCsv ? readImportanceCsv(text) : parseJson(text, WHAT), WHAT, 422);
}

function toReply({ model, declaration }: Model, uploaded: UploadedImportance | undefined): FeatureImportanceReply {
  const importance = importanceOf(declaration.features, uploaded?.importance);
  const isUploaded = Object.keys(uploaded?.importance ?? {}).length > 0;
  const largest = Math.max(0, ...importance.values());
  return {
    model,
    features: [...importance]
      .sort(([left, a], [right, b]) => b - a || (left < right ? -1 : 1))
      .map(([name, value]) => ({
        name,
        importance: value,
        share_of_largest: largest > 0 ? value / largest : 0,
        origin: isUploaded ? 'uploaded' : 'declared',
      })),
    uploaded_at: isUploaded && uploaded !== undefined ? instantText(uploaded.updatedAtMs) : null,
    uploaded_by: isUploaded && uploaded !== undefined ? uploaded.updatedBy : null,
  };
}
