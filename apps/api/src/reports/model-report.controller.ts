import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { instantSchema, MAX_SEGMENT_NAME_LENGTH, type ModelReportScope, nameSchema } from '@plumbline/contracts';
import { isTimeZone, modelReportHtml } from '@plumbline/report';
import { Store } from '@plumbline/storage';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';
import { readModelReport } from './read-model-report.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 14 * DAY_MS;
const MAX_RANGE_MS = 400 * DAY_MS;

/** A file of its own in the browser: styles within, pictures in its icon, nothing from anywhere, no script. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

const reportQuerySchema = z
  .strictObject({
    from: instantSchema.optional().describe('windows that end after this instant; 14 days before `to` when absent'),
    to: instantSchema.optional().describe('windows that end at this instant or before; now when absent'),
    version: nameSchema.optional().describe('every version when absent'),
    segment: z.string().max(MAX_SEGMENT_NAME_LENGTH).default('').describe('all events when absent'),
    zone: z
      .string()
      .max(64)
      .refine(isTimeZone, { message: 'must be the IANA name of a time zone, as Europe/Berlin' })
      .default('UTC')
      .describe('in which times are written'),
  })
  .superRefine(({ from, to }, context) => {
    if (from === undefined || to === undefined) return;
    const fault = (message: string): void => context.addIssue({ code: 'custom', path: ['to'], message });
    const lengthMs = Date.parse(to) - Date.parse(from);
    if (lengthMs <= 0) fault('must be later than `from`');
    else if (lengthMs > MAX_RANGE_MS) fault('must be at most 400 days after `from`');
  });

@ApiTags('queries')
@Controller('v1/models/:model/report')
export class ModelReportController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({
    summary: 'Read how a model did in a time range, as one HTML file that needs nothing beside it',
    description:
      'What changed and when, features with reference and current distributions, drift over time, performance, data quality, alerts, retraining, methods.',
  })
  @ApiProduces('text/html')
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  async read(
    @Param('model', { schema: nameSchema }) model: string,
    @Query({ schema: reportQuerySchema }) query: z.output<typeof reportQuerySchema>,
    @CurrentCaller() { project }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await findRegisteredModel(this.store, project, model);
    const nowMs = Date.now();
    const toMs = query.to === undefined ? Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS : Date.parse(query.to);
    const fromMs = query.from === undefined ? toMs - DEFAULT_RANGE_MS : Date.parse(query.from);
    const scope: ModelReportScope = { project, model, version: query.version, segment: query.segment, fromMs, toMs };
    const report = await readModelReport(this.store, scope, nowMs);
    void reply.headers(HEADERS);
    return modelReportHtml(report, { zone: query.zone });
  }
}
