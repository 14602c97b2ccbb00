import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type ReferenceHeadReply,
  referenceHeadSchema,
  type ReferenceSummary,
  referenceSummarySchema,
} from '@plumbline/contracts';
import { readReference } from '@plumbline/references';
import { listReferences, Store } from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { Problem } from '../http/problem.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';
import { referenceHeadReply, referenceSummary } from './reference-reply.js';

const referenceIdSchema = z.string().min(1).max(1_000);
const listQuerySchema = z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) });

/** What windows were compared with: measurements name it by its id. */
@ApiTags('references')
@Controller('v1/models/:model/references')
export class ModelReferencesController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'List the stored references of a model, the newest first' })
  @ApiOkResponse({ standardSchema: z.object({ items: z.array(referenceHeadSchema) }) })
  async list(
    @Param('model', { schema: nameSchema }) model: string,
    @Query({ schema: listQuerySchema }) { limit }: z.output<typeof listQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<{ items: ReferenceHeadReply[] }> {
    await findRegisteredModel(this.store, project, model);
    return { items: (await listReferences(this.store, project, model, limit)).map(referenceHeadReply) };
  }

  @Get(':reference')
  @ApiOperation({
    summary: 'Read the reference that a measurement names',
    description:
      'One that moves is read from the cells of its periods as they are now: late data of these is in it, and need not have been when the window was judged.',
  })
  @ApiOkResponse({ standardSchema: referenceSummarySchema })
  async find(
    @Param('model', { schema: nameSchema }) model: string,
    @Param('reference', { schema: referenceIdSchema }) reference: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ReferenceSummary> {
    const registered = await findRegisteredModel(this.store, project, model);
    const profile = await readReference(this.store, registered, reference);
    if (profile === undefined) {
      const message = `model "${model}" has no reference "${reference}": GET /v1/models/${model}/references lists the stored ones, measurements name the others`;
      throw new Problem(404, message);
    }
    return referenceSummary(profile);
  }
}
