import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type RetrainingRun,
  type RetrainingRunReply,
  retrainingRunReplySchema,
  retrainingRunStatusSchema,
  retrainingStatusReportSchema,
} from '@plumbline/contracts';
import { findRetrainingRun, listRetrainingRuns, saveRetrainingRun, Store } from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';
import { Problem } from '../http/problem.js';

const runsQuerySchema = z.strictObject({
  model: nameSchema.optional(),
  status: retrainingRunStatusSchema.optional(),
  ...pageQuery,
});
const positionSchema = z.tuple([z.number(), z.string()]);
const runIdSchema = z.string().min(1).max(128);

@ApiTags('retraining')
@Controller('v1/retraining-runs')
export class RetrainingRunsController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'List requests to retrain, the newest first' })
  @ApiOkResponse({ standardSchema: pageOf(retrainingRunReplySchema) })
  async list(
    @Query({ schema: runsQuerySchema }) query: z.output<typeof runsQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<RetrainingRunReply>> {
    const { model, status, limit, cursor } = query;
    const position = readCursor(cursor, positionSchema);
    const before = position && { requestedAtMs: position[0], runId: position[1] };
    const runs = await listRetrainingRuns(this.store, { project, model, status, before, limit: limit + 1 });
    return toPage(runs, limit, toReply, ({ requestedAtMs, runId }) => [requestedAtMs, runId]);
  }

  @Get(':run')
  @ApiOperation({ summary: 'Read a request to retrain' })
  @ApiOkResponse({ standardSchema: retrainingRunReplySchema })
  async find(
    @Param('run', { schema: runIdSchema }) run: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<RetrainingRunReply> {
    return toReply(await this.existing(project, run));
  }

  @Post(':run/status')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Report how a retraining goes',
    description:
      'The pipeline calls this. A status never goes back: a report older than what is known changes nothing.',
  })
  @ApiOkResponse({ standardSchema: retrainingRunReplySchema })
  async report(
    @Param('run', { schema: runIdSchema }) run: string,
    @Body({ schema: retrainingStatusReportSchema }) report: z.output<typeof retrainingStatusReportSchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<RetrainingRunReply> {
    const known = await this.existing(project, run);
    const { status, version = known.newVersion, detail } = report;
    await saveRetrainingRun(this.store, { ...known, status, newVersion: version, detail, updatedAtMs: Date.now() });
    return toReply(await this.existing(project, run));
  }

  private async existing(project: string, runId: string): Promise<RetrainingRun> {
    const found = await findRetrainingRun(this.store, project, runId);
    if (found === undefined) throw new Problem(404, `there is no retraining run "${runId}"`);
    return found;
  }
}

function toReply(run: RetrainingRun): RetrainingRunReply {
  return {
    run_id: run.runId,
    model: run.model,
    version: run.version,
    policy: run.policy,
    alert_ids: [...run.alertIds],
    features: [...run.features],
    status: run.status,
    reason: run.reason,
    new_version: run.newVersion,
    detail: run.detail,
    requested_at: instantText(run.requestedAtMs),
    updated_at: instantText(run.updatedAtMs),
  };
}
