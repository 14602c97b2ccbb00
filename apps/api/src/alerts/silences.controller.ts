import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  parseDuration,
  type Silence,
  type SilenceDeclaration,
  silenceDeclarationSchema,
  type SilenceReply,
  silenceReplySchema,
  type SilenceRequest,
  silenceRequestSchema,
} from '@plumbline/contracts';
import { findSilence, listSilences, saveSilence, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';
import { checkMatchers } from './check-matchers.js';
import { wakeProject } from './wake-project.js';

const stateSchema = z.enum(['pending', 'active', 'expired']);
const silencesQuerySchema = z.strictObject({
  state: stateSchema.optional().describe('those that are pending or active when absent'),
});

@ApiTags('silences')
@Controller('v1/silences')
export class SilencesController {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List silences, those that last longest first' })
  @ApiOkResponse({ standardSchema: pageOf(silenceReplySchema) })
  async list(
    @Query({ schema: silencesQuerySchema }) { state }: z.output<typeof silencesQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<SilenceReply>> {
    const nowMs = Date.now();
    const silences = await listSilences(this.store, [project], state === 'expired' ? 0 : nowMs);
    const items = silences.map((silence) => toReply(silence, nowMs));
    return { items: items.filter((each) => state === undefined || each.state === state), next_cursor: null };
  }

  @Get(':silence')
  @ApiOperation({ summary: 'Read a silence' })
  @ApiOkResponse({ standardSchema: silenceReplySchema })
  async find(
    @Param('silence', { schema: nameSchema }) silence: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<SilenceReply> {
    return toReply(await this.existing(project, silence), Date.now());
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Silence alerts for a while',
    description: 'What still fires when it is over is told then; that an alert is over is told meanwhile.',
  })
  @ApiCreatedResponse({ standardSchema: silenceReplySchema })
  async create(
    @Body({ schema: silenceRequestSchema }) request: SilenceRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SilenceReply> {
    const nowMs = Date.now();
    const startsAtMs = request.starts_at === undefined ? nowMs : Date.parse(request.starts_at);
    const endsAtMs =
      request.duration === undefined ? Date.parse(request.ends_at!) : startsAtMs + parseDuration(request.duration);
    return this.save(randomUUID(), { ...request, startsAtMs, endsAtMs }, caller, nowMs);
  }

  @Put(':silence')
  @ApiOperation({ summary: 'Declare a silence under a name: declared again it is replaced' })
  @ApiOkResponse({ standardSchema: silenceReplySchema })
  async declare(
    @Param('silence', { schema: nameSchema }) silence: string,
    @Body({ schema: silenceDeclarationSchema }) declaration: SilenceDeclaration,
    @CurrentCaller() caller: Caller,
  ): Promise<SilenceReply> {
    const startsAtMs = Date.parse(declaration.starts_at);
    return this.save(
      silence,
      { ...declaration, startsAtMs, endsAtMs: Date.parse(declaration.ends_at) },
      caller,
      Date.now(),
    );
  }

  @Delete(':silence')
  @HttpCode(204)
  @ApiOperation({ summary: 'End a silence now; it stays readable' })
  @ApiNoContentResponse()
  async expire(
    @Param('silence', { schema: nameSchema }) silence: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<void> {
    const nowMs = Date.now();
    const found = await this.existing(project, silence);
    if (found.endsAtMs <= nowMs) return;
    // One that has not begun never does.
    const startsAtMs = Math.min(found.startsAtMs, nowMs);
    await saveSilence(this.store, { ...found, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs });
    await wakeProject(this.store, this.stream, this.logger, project);
  }

  private async save(
    silenceId: string,
    { matchers, comment, startsAtMs, endsAtMs }: Pick<Silence, 'matchers' | 'comment' | 'startsAtMs' | 'endsAtMs'>,
    { project, name }: Caller,
    nowMs: number,
  ): Promise<SilenceReply> {
    checkMatchers(matchers);
    if (endsAtMs <= startsAtMs) {
      const message = 'must be later than "starts_at"';
      throw new Problem(400, `ends_at: ${message}`, { errors: [{ field: 'ends_at', message }] });
    }
    const silence = { project, silenceId, matchers, startsAtMs, endsAtMs, author: name, comment, updatedAtMs: nowMs };
    const kept = await saveSilence(this.store, silence);
    await wakeProject(this.store, this.stream, this.logger, project);
    return toReply(kept, nowMs);
  }

  private async existing(project: string, silenceId: string): Promise<Silence> {
    const found = await findSilence(this.store, project, silenceId);
    if (found === undefined) throw new Problem(404, `there is no silence "${silenceId}"`);
    return found;
  }
}

function toReply(silence: Silence, nowMs: number): SilenceReply {
  const { startsAtMs, endsAtMs } = silence;
  return {
    silence_id: silence.silenceId,
    state: endsAtMs <= nowMs ? 'expired' : startsAtMs > nowMs ? 'pending' : 'active',
    matchers: [...silence.matchers],
    starts_at: instantText(startsAtMs),
    ends_at: instantText(endsAtMs),
    author: silence.author,
    comment: silence.comment,
    updated_at: instantText(silence.updatedAtMs),
  };
}
