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
import { listSilences, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf } from '../http/page.js';
import { createSilence } from './create-silence.js';
import { existingSilence } from './existing-silence.js';
import { expireSilence } from './expire-silence.js';

const stateSchema = z.enum(['pending', 'active', 'expired']);
const silencesQuerySchema = z.strictObject({
  state: stateSchema.optional().describe('those that are pending or active when absent'),
});

@ApiTags('silences')
@Controller('v1/silences')
export class SilencesController {
  constructor(
    readonly store: Store,
    readonly stream: EventStream,
    readonly logger: Logger,
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
    return toReply(await existingSilence(this.store, project, silence), Date.now());
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
    await expireSilence(this, project, silence, Date.now());
  }

  private async save(
    silenceId: string,
    { matchers, comment, startsAtMs, endsAtMs }: Pick<Silence, 'matchers' | 'comment' | 'startsAtMs' | 'endsAtMs'>,
    { project, name }: Caller,
    nowMs: number,
  ): Promise<SilenceReply> {
    const wanted = { project, silenceId, matchers, startsAtMs, endsAtMs, author: name, comment };
    return toReply(await createSilence(this, wanted, nowMs), nowMs);
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
