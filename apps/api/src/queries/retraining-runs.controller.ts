import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  retrainingDecisionSchema,
  type RetrainingRunDetailReply,
  retrainingRunDetailSchema,
  type RetrainingRunReply,
  retrainingRunReplySchema,
  retrainingRunStatusSchema,
  retrainingStatusReportSchema,
} from '@plumbline/contracts';
import { reportChange } from '@plumbline/monitoring';
import { listRetrainingEvents, listRetrainingRuns, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { z } from 'zod';
import { AcceptsLink } from '../auth/accepts-link.js';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';
import { changeExistingRun, type ChangeRunDependencies, decideOnRun, existingRun } from './change-retraining-run.js';
import { toRunDetail, toRunReply } from './retraining-run-reply.js';

const runsQuerySchema = z.strictObject({
  model: nameSchema.optional(),
  status: retrainingRunStatusSchema.optional(),
  ...pageQuery,
});
const positionSchema = z.tuple([z.number(), z.string()]);
const runIdSchema = z.string().min(1).max(128);
const reportQuerySchema = z.strictObject({
  token: z.string().optional().describe('of the call-back address in the request, in place of an API key'),
});

@ApiTags('retraining')
@Controller('v1/retraining-runs')
export class RetrainingRunsController {
  private readonly dependencies: ChangeRunDependencies;

  constructor(
    private readonly store: Store,
    stream: EventStream,
    logger: Logger,
  ) {
    this.dependencies = { store, stream, logger };
  }

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
    const statuses = status === undefined ? undefined : [status];
    const runs = await listRetrainingRuns(this.store, { project, model, statuses, before, limit: limit + 1 });
    return toPage(runs, limit, toRunReply, ({ requestedAtMs, runId }) => [requestedAtMs, runId]);
  }

  @Get(':run')
  @ApiOperation({ summary: 'Read a request to retrain, with all that happened to it' })
  @ApiOkResponse({ standardSchema: retrainingRunDetailSchema })
  async find(
    @Param('run', { schema: runIdSchema }) run: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<RetrainingRunDetailReply> {
    const found = await existingRun(this.store, project, run);
    return toRunDetail(found, await listRetrainingEvents(this.store, project, run));
  }

  @Post(':run/approve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Approve the call of a retraining pipeline',
    description: '409 when the run does not wait for approval. Approving twice is no error.',
  })
  @ApiOkResponse({ standardSchema: retrainingRunReplySchema })
  async approve(
    @Param('run', { schema: runIdSchema }) run: string,
    @Body({ schema: retrainingDecisionSchema }) { note }: z.output<typeof retrainingDecisionSchema>,
    @CurrentCaller() caller: Caller,
  ): Promise<RetrainingRunReply> {
    return this.decide(run, 'approved', note, caller);
  }

  @Post(':run/refuse')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Refuse the call of a retraining pipeline',
    description: 'The policy asks no more for these alerts. 409 when the run does not wait for approval.',
  })
  @ApiOkResponse({ standardSchema: retrainingRunReplySchema })
  async refuse(
    @Param('run', { schema: runIdSchema }) run: string,
    @Body({ schema: retrainingDecisionSchema }) { note }: z.output<typeof retrainingDecisionSchema>,
    @CurrentCaller() caller: Caller,
  ): Promise<RetrainingRunReply> {
    return this.decide(run, 'refused', note, caller);
  }

  @Post(':run/status')
  @HttpCode(200)
  @AcceptsLink({ action: 'retraining.report', subject: 'run' })
  @ApiOperation({
    summary: 'Report how a retraining goes',
    description:
      'The pipeline calls this, with an API key or by the signed address that it was given as `callback_url`. A status never goes back: a report older than what is known changes nothing. Say "running" from time to time, or the run times out.',
  })
  @ApiOkResponse({ standardSchema: retrainingRunReplySchema })
  async report(
    @Param('run', { schema: runIdSchema }) run: string,
    @Query({ schema: reportQuerySchema }) _query: z.output<typeof reportQuerySchema>,
    @Body({ schema: retrainingStatusReportSchema }) report: z.output<typeof retrainingStatusReportSchema>,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<RetrainingRunReply> {
    const known = await existingRun(this.store, project, run);
    return toRunReply(await changeExistingRun(this.dependencies, known, reportChange(known, report, name), Date.now()));
  }

  private async decide(
    runId: string,
    to: 'approved' | 'refused',
    note: string,
    { project, name: who }: Caller,
  ): Promise<RetrainingRunReply> {
    const run = await existingRun(this.store, project, runId);
    return toRunReply(await decideOnRun(this.dependencies, run, to, { who, note }, Date.now()));
  }
}
