import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  nameSchema,
  notificationOutcomes,
  type NotificationReply,
  notificationReplySchema,
} from '@plumbline/contracts';
import { wakeAlerter } from '@plumbline/platform';
import { findReceiver, insertDelivery, type ListedNotification, listNotifications, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';
import { Problem } from '../http/problem.js';

const notificationsQuerySchema = z.strictObject({
  receiver: nameSchema.optional(),
  model: nameSchema.optional(),
  outcome: z.enum(notificationOutcomes).optional(),
  ...pageQuery,
});
const positionSchema = z.tuple([z.number(), z.string()]);
const notificationIdSchema = z.string().min(1).max(128);

@ApiTags('notifications')
@Controller('v1/notifications')
export class NotificationsController {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the messages to receivers with each attempt to send them, the newest first' })
  @ApiOkResponse({ standardSchema: pageOf(notificationReplySchema) })
  async list(
    @Query({ schema: notificationsQuerySchema }) query: z.output<typeof notificationsQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<NotificationReply>> {
    const { limit, cursor, ...filter } = query;
    const position = readCursor(cursor, positionSchema);
    const before = position && { createdAtMs: position[0], notificationId: position[1] };
    const found = await listNotifications(this.store, { ...filter, project, before, limit: limit + 1 });
    return toPage(found, limit, toReply, ({ createdAtMs, notificationId }) => [createdAtMs, notificationId]);
  }

  @Get(':notification')
  @ApiOperation({ summary: 'Read what became of a message' })
  @ApiOkResponse({ standardSchema: notificationReplySchema })
  async find(
    @Param('notification', { schema: notificationIdSchema }) notification: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<NotificationReply> {
    return toReply(await this.existing(project, notification));
  }

  @Post(':notification/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send a message now that waits for its next attempt, or was given up' })
  @ApiAcceptedResponse({ standardSchema: notificationReplySchema })
  async retry(
    @Param('notification', { schema: notificationIdSchema }) notification: string,
    @CurrentCaller() { project, name }: Caller,
  ): Promise<NotificationReply> {
    const found = await this.existing(project, notification);
    const { model, receiver, route, incidentId, notificationId, outcome, attempts, isLast } = found;
    if (!isLast || (outcome !== 'waiting' && outcome !== 'failed')) {
      const why = !isLast ? 'a later message of its group says how things stand' : `it is ${outcome}`;
      throw new Problem(409, `the message is not to be sent again: ${why}`);
    }
    const stored = await findReceiver(this.store, project, receiver);
    if (stored?.state !== 'active') {
      throw new Problem(409, `there is no active receiver "${receiver}": declare it, or save it again if it is gone`);
    }
    const nowMs = Date.now();
    await insertDelivery(this.store, {
      deliveryId: notificationId,
      project,
      model,
      receiver,
      route,
      incidentId,
      channel: stored.declaration.channel,
      kind: 'alert',
      transitionIds: [],
      attempt: (attempts.at(-1)?.attempt ?? 0) + 1,
      outcome: 'requested',
      status: 0,
      detail: `asked for by ${name}`,
      sentAtMs: nowMs,
      nextAttemptAtMs: nowMs,
    });
    await wakeAlerter(this.stream, this.logger, { project, model });
    return toReply(await this.existing(project, notification));
  }

  private async existing(project: string, notificationId: string): Promise<ListedNotification> {
    const [found] = await listNotifications(this.store, { project, notificationId, limit: 1 });
    if (found === undefined) throw new Problem(404, `there is no notification "${notificationId}"`);
    return found;
  }
}

function toReply(listed: ListedNotification): NotificationReply {
  const { content } = listed;
  return {
    notification_id: listed.notificationId,
    receiver: listed.receiver,
    route: listed.route,
    incident_id: listed.incidentId,
    sequence: listed.sequence,
    cause: content.cause,
    status: content.status,
    severity: content.severity,
    group: { ...content.groupLabels },
    models: [...new Set(content.alerts.map(({ labels }) => labels.model))].filter((model) => model !== ''),
    alerts: content.alerts.map(({ alertId, status }) => ({ alert_id: alertId, status })),
    outcome: listed.outcome,
    created_at: instantText(listed.createdAtMs),
    next_attempt_at:
      listed.outcome === 'waiting' && listed.nextAttemptAtMs > 0 ? instantText(listed.nextAttemptAtMs) : null,
    attempts: listed.attempts.map(({ attempt, outcome, status, detail, sentAtMs }) => ({
      attempt,
      outcome,
      status,
      detail,
      sent_at: instantText(sentAtMs),
    })),
  };
}
