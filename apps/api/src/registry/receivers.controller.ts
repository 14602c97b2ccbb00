import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  type ReceiverDeclaration,
  receiverDeclarationSchema,
  type ReceiverReply,
  receiverReplySchema,
  type ReceiverTestReply,
  receiverTestReplySchema,
} from '@plumbline/contracts';
import { wakeAlerter } from '@plumbline/platform';
import {
  deleteReceiver,
  findReceiver,
  insertNotification,
  listDeliveries,
  listReceivers,
  saveReceiver,
  Store,
  type StoredReceiver,
} from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { wakeProject } from '../alerts/wake-project.js';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf } from '../http/page.js';
import { Problem } from '../http/problem.js';
import { sampleNotification } from './sample-notification.js';

/** Less than a request may take: who asks gets an answer. */
const TEST_PATIENCE_MS = 25_000;
const LOOK_MS = 100;

@ApiTags('receivers')
@Controller('v1/receivers')
export class ReceiversController {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the receivers of alerts' })
  @ApiOkResponse({ standardSchema: pageOf(receiverReplySchema) })
  async list(@CurrentCaller() { project }: Caller): Promise<Page<ReceiverReply>> {
    return { items: (await listReceivers(this.store, project)).map(toReply), next_cursor: null };
  }

  @Get(':receiver')
  @ApiOperation({ summary: 'Read a receiver' })
  @ApiOkResponse({ standardSchema: receiverReplySchema })
  async find(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ReceiverReply> {
    const found = await findReceiver(this.store, project, receiver);
    if (found === undefined) throw new Problem(404, `there is no receiver "${receiver}"`);
    return toReply(found);
  }

  @Put(':receiver')
  @ApiOperation({ summary: 'Declare a receiver of alerts' })
  @ApiOkResponse({ standardSchema: receiverReplySchema })
  async declare(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @Body({ schema: receiverDeclarationSchema }) declaration: ReceiverDeclaration,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<ReceiverReply> {
    const change = { project, receiver, declaration, updatedBy: name, updatedAtMs: Date.now() };
    await saveReceiver(this.store, change);
    await wakeProject(this.store, this.stream, this.logger, project);
    return toReply({ ...change, state: 'active' });
  }

  @Delete(':receiver')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a receiver' })
  @ApiNoContentResponse()
  async remove(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<void> {
    const key = { project, receiver, updatedBy: name, updatedAtMs: Date.now() };
    if (!(await deleteReceiver(this.store, key))) throw new Problem(404, `there is no receiver "${receiver}"`);
  }

  @Post(':receiver/test')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send a test message, and say what the receiver answered',
    description: 'It goes the way of every message, once; 503 when no alerter has taken it in half a minute.',
  })
  @ApiOkResponse({ standardSchema: receiverTestReplySchema })
  async test(
    @Param('receiver', { schema: nameSchema }) receiver: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ReceiverTestReply> {
    const stored = await findReceiver(this.store, project, receiver);
    if (stored === undefined) throw new Problem(404, `there is no receiver "${receiver}"`);
    if (stored.state === 'gone') {
      throw new Problem(409, `receiver "${receiver}" answered that it is gone: save it again first`);
    }
    const notificationId = await this.writeTest(project, receiver);
    const deadlineMs = performance.now() + TEST_PATIENCE_MS;
    while (performance.now() < deadlineMs) {
      const [attempt] = await listDeliveries(this.store, { project, deliveryId: notificationId, limit: 1 });
      if (attempt !== undefined) {
        const { outcome, status, detail } = attempt;
        const result = outcome === 'delivered' ? 'delivered' : 'failed';
        return { notification_id: notificationId, outcome: result, status, detail };
      }
      await pause(LOOK_MS);
    }
    throw new Problem(503, 'no alerter has sent the test message yet: is one running? It is sent as soon as one does', {
      retryAfterMs: TEST_PATIENCE_MS,
    });
  }

  private async writeTest(project: string, receiver: string): Promise<string> {
    const notificationId = randomUUID();
    await insertNotification(this.store, {
      project,
      model: '',
      notificationId,
      receiver,
      route: 'test',
      groupKey: notificationId,
      incidentId: notificationId,
      position: 1,
      sequence: 0,
      transitionIds: [],
      told: '[]',
      open: false,
      content: sampleNotification(project, receiver, notificationId, Date.now()),
      decidedAtMs: 0,
    });
    await wakeAlerter(this.stream, this.logger, { project, model: '' });
    return notificationId;
  }
}

function toReply(stored: Omit<StoredReceiver, 'createdAtMs'>): ReceiverReply {
  return {
    receiver: stored.receiver,
    state: stored.state,
    updated_at: instantText(stored.updatedAtMs),
    updated_by: stored.updatedBy,
    ...stored.declaration,
  };
}
