import type { IncomingMessage } from 'node:http';
import { Controller, Get, Inject, type OnModuleInit, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  columnMappingSchema,
  type Configuration,
  type FileFormat,
  type Model,
  modelDeclarationSchema,
  type ModelFeature,
  nameSchema,
  referenceRangeSchema,
  type ReferenceProfile,
  type ReferenceSummary,
  referenceSummarySchema,
} from '@plumbline/contracts';
import {
  createReference,
  InvalidReferenceError,
  referencePerformance,
  type ReferenceRequest,
} from '@plumbline/references';
import {
  findModel,
  findModelFeatures,
  findReference,
  markReferenceChanged,
  saveModel,
  saveModelFeatures,
  Store,
} from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { parseJson } from '../http/parse-json.js';
import { Problem } from '../http/problem.js';
import { readBody } from '../http/read-body.js';
import { LongRunning } from '../http/request-timeout.js';
import { validate } from '../http/validate.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';
import { reconcileRecord } from '../registry/reconcile-record.js';
import { referenceSummary } from './reference-reply.js';
import { UploadFolder } from './upload-folder.js';

const FORMATS: ReadonlyMap<string, FileFormat> = new Map([
  ['application/vnd.apache.parquet', 'parquet'],
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
]);
/** Content types of a reference that is a file. */
export const referenceFileTypes = [...FORMATS.keys()];

const MAX_RANGE_BYTES = 4_096;
const uploadQuerySchema = z.strictObject({
  mapping: z
    .string()
    .max(1_000_000)
    .optional()
    .describe(
      'which column of the file is what: JSON as in {"timestamp":"ts","prediction":"y_pred","score":"p","label":"y","ignore":["row"]}; columns named nowhere are features',
    ),
});

@ApiTags('references')
@Controller('v1/models/:model/versions/:version/reference')
export class ReferencesController implements OnModuleInit {
  private readonly uploads: UploadFolder;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly store: Store,
    private readonly stream: EventStream,
  ) {
    this.uploads = new UploadFolder(configuration.dataDir, configuration.references.maxFileBytes);
  }

  async onModuleInit(): Promise<void> {
    await this.uploads.clear(Date.now());
  }

  @Post()
  @LongRunning(true)
  @ApiOperation({
    summary: 'Say what is normal for a version',
    description:
      'The body is a file (Parquet, CSV with a header, or NDJSON), or JSON that names a time range of past predictions. A wrong file is answered 422 with the column and the row, and leaves nothing behind.',
  })
  @ApiCreatedResponse({ standardSchema: referenceSummarySchema })
  async create(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('version', { schema: nameSchema }) version: string,
    @Query({ schema: uploadQuerySchema }) query: z.output<typeof uploadQuerySchema>,
    @Req() request: FastifyRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ReferenceSummary> {
    const { project } = caller;
    const registered = await this.modelFor(project, model, caller.name);
    const create = (source: ReferenceRequest['source']) => this.build(registered, version, caller.name, source);
    const profile = await this.withSource(request.raw, query.mapping, create);
    // The owner of the model reads the new bins, and rebuilds the cells that were made with others.
    await this.stream.publish('plumbline.predictions', [reconcileRecord(project, model)]);
    return referenceSummary(profile);
  }

  @Get()
  @ApiOperation({ summary: 'Read the newest reference of a version' })
  @ApiOkResponse({ standardSchema: referenceSummarySchema })
  async find(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('version', { schema: nameSchema }) version: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ReferenceSummary> {
    await findRegisteredModel(this.store, project, model);
    const profile = await findReference(this.store, project, model, version);
    if (profile === undefined) {
      throw new Problem(404, `version "${version}" of model "${model}" has no reference of its own: POST one here`);
    }
    return referenceSummary(profile);
  }

  /** The registered model, or what its registration by its first reference would be. */
  private async modelFor(project: string, model: string, updatedBy: string): Promise<Model> {
    if (this.configuration.intake.unknownModels === 'refuse') return findRegisteredModel(this.store, project, model);
    const inferred = { declaration: modelDeclarationSchema.parse({}), origin: 'inferred', updatedBy } as const;
    const found = await findModel(this.store, project, model);
    return found ?? { project, model, ...inferred, updatedAtMs: Date.now() };
  }

  private async withSource(
    body: IncomingMessage,
    mappingText: string | undefined,
    create: (source: ReferenceRequest['source']) => Promise<ReferenceProfile>,
  ): Promise<ReferenceProfile> {
    const type = (body.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    const encoding = body.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') throw new Problem(415, `content encoding "${encoding}" is not understood here`);
    if (type === 'application/json') {
      const text = (await readBody(body, MAX_RANGE_BYTES)).toString('utf8');
      const range = validate(referenceRangeSchema, parseJson(text, 'the body'), 'the body');
      return create({ kind: 'fixed', fromMs: Date.parse(range.from), toMs: Date.parse(range.to) });
    }
    const format = FORMATS.get(type);
    if (format === undefined) {
      const known = [...referenceFileTypes, 'application/json'].join(', ');
      throw new Problem(415, `content type "${type}" is not understood: send one of ${known}`);
    }
    const mapping = validate(columnMappingSchema, parseJson(mappingText ?? '{}', 'the mapping'), 'the mapping');
    return this.uploads.with(body, format, (path) => create({ path, format, mapping }));
  }

  private async build(
    registered: Model,
    version: string,
    createdBy: string,
    source: ReferenceRequest['source'],
  ): Promise<ReferenceProfile> {
    const { project, model, declaration } = registered;
    const nowMs = Date.now();
    const announce = () => markReferenceChanged(this.store, project, model, Date.now());
    const profile = await createReference(this.store, {
      project,
      model,
      version,
      createdBy,
      nowMs,
      announce,
      source,
      declaration,
      features: await findModelFeatures(this.store, project, model),
      performanceOf: (performance, positiveClass) => referencePerformance(performance, declaration.task, positiveClass),
    }).catch((error: unknown) => {
      throw error instanceof InvalidReferenceError ? refusal(error) : error;
    });
    // Again: a reconcile meanwhile may have used up the first mark on the old bins.
    await announce();
    // Kinds are inferred once, here as from events: what the bins were made for is what values are checked against.
    const features = profile.series
      .filter(({ series }) => !series.startsWith('$'))
      .map(({ series, kind }): ModelFeature => ({ feature: series, kind, origin: 'inferred' }));
    await saveModelFeatures(this.store, project, model, features, nowMs);
    if (registered.origin === 'inferred') await saveModel(this.store, registered);
    return profile;
  }
}

function refusal({ message, reason, field, row, cause }: InvalidReferenceError): Problem {
  return new Problem(422, message, {
    errors: [{ field: field ?? '', message }],
    extensions: { reason, column: field ?? null, row: row ?? null },
    cause,
  });
}
