import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AlertReply, alertSchema, instantSchema, nameSchema } from '@plumbline/contracts';
import { type Alert, listAlerts, Store } from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { finite } from '../http/finite.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';

const alertsQuerySchema = z.strictObject({
  model: nameSchema.optional(),
  monitor: nameSchema.optional(),
  status: z.enum(['firing', 'resolved']).optional(),
  from: instantSchema.optional().describe('alerts that fired after this instant'),
  to: instantSchema.optional().describe('alerts that fired at this instant or before'),
  ...pageQuery,
});
const positionSchema = z.tuple([z.number(), z.string()]);

@ApiTags('alerts')
@Controller('v1/alerts')
export class AlertsController {
  constructor(private readonly store: Store) {}

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
    return toPage(found, limit, toReply, ({ firedAtMs, alertId }) => [firedAtMs, alertId]);
  }
}

function toReply(alert: Alert): AlertReply {
  return {
    alert_id: alert.alertId,
    model: alert.model,
    version: alert.version,
    monitor: alert.monitor,
    segment: alert.segment,
    feature: alert.feature,
    method: alert.method,
    status: alert.status,
    severity: alert.severity,
    value: finite(alert.value),
    threshold: finite(alert.threshold),
    reason: alert.reason,
    fired_at: instantText(alert.firedAtMs),
    resolved_at: alert.resolvedAtMs === undefined ? null : instantText(alert.resolvedAtMs),
  };
}
