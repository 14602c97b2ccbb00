import { isUtf8 } from 'node:buffer';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Configuration,
  createEventCodecs,
  type DeadLetterActionReply,
  deadLetterActionReplySchema,
  type DeadLetterDetailReply,
  deadLetterDetailSchema,
  type DeadLetterFilter,
  deadLetterFilterSchema,
  type DeadLetterReply,
  deadLetterSchema,
  type DeadLetterSelection,
  deadLetterSelectionSchema,
  deadLetterStateSchema,
  type EventCodecs,
  timeRange,
} from '@plumbline/contracts';
import {
  deadLetterSources,
  entityHasher,
  findDeadLetters,
  listDeadLetters,
  readDeadLetters,
  saveDeadLetterStates,
  type StoredDeadLetter,
  Store,
} from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { CONFIGURATION } from '@plumbline/telemetry';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';
import { problemOf } from '../http/problem-of.js';
import { Problem } from '../http/problem.js';
import { KnownModels } from '../intake/known-models.js';
import { type RefusedLetter, replayDeadLetters } from './replay-dead-letters.js';

const lettersQuerySchema = z.strictObject({
  ...deadLetterFilterSchema.shape,
  state: deadLetterStateSchema.optional(),
  ...pageQuery,
});
const positionSchema = z.tuple([z.number(), z.string()]);
const idSchema = z.string().min(1).max(128);

/** Letters that a request is about, and where the next request goes on. */
interface Selected {
  readonly letters: readonly StoredDeadLetter[];
  readonly nextCursor: string | null;
}

@ApiTags('dead letters')
@Controller('v1/dead-letters')
export class DeadLettersController {
  private readonly codecs: EventCodecs;

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly knownModels: KnownModels,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {
    this.codecs = createEventCodecs({ configuration, hashEntity: entityHasher(configuration.entityHashKey) });
  }

  @Get()
  @ApiOperation({
    summary: 'List the dead letters, the newest first',
    description: 'Events that were accepted, or written to Kafka by somebody, and could not be stored.',
  })
  @ApiOkResponse({ standardSchema: pageOf(deadLetterSchema) })
  async list(
    @Query({ schema: lettersQuerySchema }) query: z.output<typeof lettersQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<DeadLetterReply>> {
    const { limit, cursor, state, ...filter } = query;
    const position = readCursor(cursor, positionSchema);
    const before = position && { createdAtMs: position[0], deadLetterId: position[1] };
    const found = await listDeadLetters(this.store, { project, ...bounds(filter), state, before, limit: limit + 1 });
    return toPage(found, limit, toReply, ({ createdAtMs, deadLetterId }) => [createdAtMs, deadLetterId]);
  }

  @Get(':letter')
  @ApiOperation({ summary: 'Read a dead letter with the bytes that came' })
  @ApiOkResponse({ standardSchema: deadLetterDetailSchema })
  async find(
    @Param('letter', { schema: idSchema }) id: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<DeadLetterDetailReply> {
    for await (const [letter] of readDeadLetters(this.store, project, await this.existing(project, [id]))) {
      const { value, headers } = letter!.message;
      const encoding = isUtf8(value) ? 'utf8' : 'base64';
      return { ...toReply(letter!), headers, encoding, payload: value.toString(encoding) };
    }
    throw noLetter(id);
  }

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send dead letters through intake once more',
    description:
      'Under the ids that their events have, so that doing it twice counts nothing twice. A letter whose events would be refused again stays open; one that is replayed or discarded already is left alone.',
  })
  @ApiOkResponse({ standardSchema: deadLetterActionReplySchema })
  async replay(
    @Body({ schema: deadLetterSelectionSchema }) selection: DeadLetterSelection,
    @CurrentCaller() caller: Caller,
  ): Promise<DeadLetterActionReply> {
    const { intake } = this.configuration;
    const nowMs = Date.now();
    const { project } = caller;
    const selected = await this.select(project, selection);
    const context = {
      store: this.store,
      stream: this.stream,
      codecs: this.codecs,
      project,
      nowMs,
      range: timeRange(intake, nowMs),
      isAcceptedModel:
        intake.unknownModels === 'refuse' ? await this.knownModels.of(project, nowMs) : (): boolean => true,
    };
    const open = selected.letters.filter(({ state }) => state === 'open');
    try {
      const refused = await replayDeadLetters(open, context, (ids) => this.decide(caller, ids, 'replayed'));
      return actionReply(selected, open.length - refused.length, refused);
    } catch (error) {
      throw error instanceof RangeError ? new Problem(413, error.message) : problemOf(error);
    }
  }

  @Post('discard')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Give dead letters up',
    description:
      'They stay readable, and are counted as open no more. What is replayed or discarded already is left alone.',
  })
  @ApiOkResponse({ standardSchema: deadLetterActionReplySchema })
  async discard(
    @Body({ schema: deadLetterSelectionSchema }) selection: DeadLetterSelection,
    @CurrentCaller() caller: Caller,
  ): Promise<DeadLetterActionReply> {
    const selected = await this.select(caller.project, selection);
    const open = selected.letters.filter(({ state }) => state === 'open').map(({ deadLetterId }) => deadLetterId);
    await this.decide(caller, open, 'discarded');
    return actionReply(selected, open.length, []);
  }

  /** @throws Problem 404 for an id that is none */
  private async select(project: string, { ids, filter, limit, cursor }: DeadLetterSelection): Promise<Selected> {
    if (ids !== undefined) return { letters: await this.existing(project, ids), nextCursor: null };
    const position = readCursor(cursor, positionSchema);
    const before = position && { createdAtMs: position[0], deadLetterId: position[1] };
    const query = { project, ...bounds(filter ?? {}), state: 'open', before, limit: limit + 1 } as const;
    const page = toPage(
      await listDeadLetters(this.store, query),
      limit,
      (letter) => letter,
      ({ createdAtMs, deadLetterId }) => [createdAtMs, deadLetterId],
    );
    return { letters: page.items, nextCursor: page.next_cursor };
  }

  private async existing(project: string, ids: readonly string[]): Promise<readonly StoredDeadLetter[]> {
    const letters = await findDeadLetters(this.store, project, ids);
    const found = new Set(letters.map(({ deadLetterId }) => deadLetterId));
    const missing = ids.find((id) => !found.has(id));
    if (missing !== undefined) throw noLetter(missing);
    return letters;
  }

  private async decide(caller: Caller, ids: readonly string[], state: 'replayed' | 'discarded'): Promise<void> {
    const decision = { state, changedBy: caller.name, changedAtMs: Date.now() };
    await saveDeadLetterStates(this.store, caller.project, ids, decision);
  }
}

function noLetter(id: string): Problem {
  return new Problem(404, `there is no dead letter "${id}"`);
}

function bounds({ from, to, ...filter }: DeadLetterFilter) {
  return {
    ...filter,
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  };
}

function actionReply(
  { letters, nextCursor }: Selected,
  changed: number,
  refused: readonly RefusedLetter[],
): DeadLetterActionReply {
  return {
    changed,
    unchanged: letters.length - changed - refused.length,
    refused: refused.map(({ deadLetterId, reason, detail }) => ({ dead_letter_id: deadLetterId, reason, detail })),
    next_cursor: nextCursor,
  };
}

function toReply(letter: StoredDeadLetter): DeadLetterReply {
  return {
    dead_letter_id: letter.deadLetterId,
    kind: letter.kind,
    model: letter.model,
    prediction_id: letter.predictionId,
    source: deadLetterSources[letter.kind],
    position: letter.position,
    reason: letter.reason,
    detail: letter.detail,
    state: letter.state,
    payload_bytes: letter.payloadBytes,
    received_at: instantText(letter.receivedAtMs),
    created_at: instantText(letter.createdAtMs),
    changed_at: letter.changedAtMs === undefined ? null : instantText(letter.changedAtMs),
    changed_by: letter.changedBy,
  };
}
