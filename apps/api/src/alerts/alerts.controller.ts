import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type AlertActionKind,
  type AlertDetailReply,
  alertActionRequestSchema,
  alertDetailSchema,
  alertNoteRequestSchema,
  type AlertReply,
  alertSchema,
  instantSchema,
  nameSchema,
} from '@plumbline/contracts';
import { acknowledgements, type Alert, listAlerts, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';
import { actOnAlert } from './act-on-alert.js';
import { alertReply } from './alert-reply.js';
import { readAlertDetail } from './read-alert-detail.js';

const alertsQuerySchema = z.strictObject({
  model: nameSchema.optional(),
  monitor: nameSchema.optional(),
  status: z.enum(['firing', 'resolved']).optional(),
  severity: z.enum(['warning', 'critical']).optional().describe('as it last was while the alert fired'),
  from: instantSchema.optional().describe('alerts that fired after this instant'),
  to: instantSchema.optional().describe('alerts that fired at this instant or before'),
  ...pageQuery,
});
const positionSchema = z.tuple([z.number(), z.string()]);
const alertIdSchema = z.string().min(1).max(128);
type ActionBody = z.output<typeof alertActionRequestSchema>;

const DONE_ONCE = 'The same action under the same `idempotency_key` is done once; without one, once within a minute.';

@ApiTags('alerts')
@Controller('v1/alerts')
export class AlertsController {
  constructor(
    readonly store: Store,
    readonly stream: EventStream,
    readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the alerts, those that fired last first' })
  @ApiOkResponse({ standardSchema: pageOf(alertSchema) })
  async list(
    @Query({ schema: alertsQuerySchema }) query: z.output<typeof alertsQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<AlertReply>> {
    const { limit, cursor, from, to, ...filter } = query;
    const position = readCursor(cursor, positionSchema);
    const found = await listAlerts(this.store, {
      ...filter,
      project,
      fromMs: from === undefined ? undefined : Date.parse(from),
      toMs: to === undefined ? undefined : Date.parse(to),
      before: position && { firedAtMs: position[0], alertId: position[1] },
      limit: limit + 1,
    });
    const alertIds = found.map(({ alertId }) => alertId);
    const acknowledged = await acknowledgements(this.store, { project, alertIds });
    const toReply = (alert: Alert): AlertReply => alertReply(alert, acknowledged.get(alert.alertId));
    return toPage(found, limit, toReply, ({ firedAtMs, alertId }) => [firedAtMs, alertId]);
  }

  @Get(':alert')
  @ApiOperation({ summary: 'Read an alert with its history and what was done about it' })
  @ApiOkResponse({ standardSchema: alertDetailSchema })
  async find(
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<AlertDetailReply> {
    return readAlertDetail(this.store, project, alertId);
  }

  @Post(':alert/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that somebody works on an alert', description: DONE_ONCE })
  @ApiOkResponse({ standardSchema: alertDetailSchema })
  async acknowledge(
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Body({ schema: alertActionRequestSchema }) body: ActionBody,
    @CurrentCaller() caller: Caller,
  ): Promise<AlertDetailReply> {
    return this.act('acknowledge', alertId, body, caller);
  }

  @Post(':alert/unacknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take an acknowledgement back', description: DONE_ONCE })
  @ApiOkResponse({ standardSchema: alertDetailSchema })
  async unacknowledge(
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Body({ schema: alertActionRequestSchema }) body: ActionBody,
    @CurrentCaller() caller: Caller,
  ): Promise<AlertDetailReply> {
    return this.act('unacknowledge', alertId, body, caller);
  }

  @Post(':alert/resolve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'End an alert by hand',
    description: `Windows from now on count anew: if they breach, another alert fires. ${DONE_ONCE}`,
  })
  @ApiOkResponse({ standardSchema: alertDetailSchema })
  async resolve(
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Body({ schema: alertActionRequestSchema }) body: ActionBody,
    @CurrentCaller() caller: Caller,
  ): Promise<AlertDetailReply> {
    return this.act('resolve', alertId, body, caller);
  }

  @Post(':alert/notes')
  @HttpCode(200)
  @ApiOperation({ summary: 'Write something down about an alert', description: DONE_ONCE })
  @ApiOkResponse({ standardSchema: alertDetailSchema })
  async note(
    @Param('alert', { schema: alertIdSchema }) alertId: string,
    @Body({ schema: alertNoteRequestSchema }) body: ActionBody,
    @CurrentCaller() caller: Caller,
  ): Promise<AlertDetailReply> {
    return this.act('note', alertId, body, caller);
  }

  private async act(
    action: AlertActionKind,
    alertId: string,
    { note, idempotency_key: key }: ActionBody,
    { project, name: author }: Caller,
  ): Promise<AlertDetailReply> {
    await actOnAlert(this, { project, alertId, action, author, note, key, nowMs: Date.now() });
    return readAlertDetail(this.store, project, alertId);
  }
}
