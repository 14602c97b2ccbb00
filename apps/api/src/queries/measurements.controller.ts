import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  instantSchema,
  MAX_SEGMENT_NAME_LENGTH,
  type Measurement,
  type MeasurementReply,
  measurementSchema,
  nameSchema,
  severitySchema,
} from '@plumbline/contracts';
import { type ListedMeasurement, listMeasurements, type MeasurementPosition, Store } from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { finite } from '../http/finite.js';
import { instantText } from '../http/instant-text.js';
import { type Page, pageOf, pageQuery, readCursor, toPage } from '../http/page.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';

const measurementsQuerySchema = z.strictObject({
  monitor: nameSchema.optional(),
  version: nameSchema.optional(),
  segment: z.string().max(MAX_SEGMENT_NAME_LENGTH).optional().describe('empty for all events'),
  feature: z.string().max(256).optional().describe('empty for measurements of the whole model'),
  method: z.string().max(64).optional(),
  severity: severitySchema.optional(),
  from: instantSchema.optional().describe('windows that end after this instant'),
  to: instantSchema.optional().describe('windows that end at this instant or before'),
  revisions: z
    .enum(['current', 'all'])
    .default('current')
    .describe('all: what a later revision of its window replaced too, the newest revision first'),
  ...pageQuery,
});

const positionSchema = z.strictObject({
  windowEndMs: z.number(),
  windowStartMs: z.number(),
  monitor: z.string(),
  version: z.string(),
  segment: z.string(),
  feature: z.string(),
  method: z.string(),
  revision: z.number(),
});

@ApiTags('queries')
@Controller('v1/models/:model/measurements')
export class MeasurementsController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'List what the detectors measured, the newest window first' })
  @ApiOkResponse({ standardSchema: pageOf(measurementSchema) })
  async list(
    @Param('model', { schema: nameSchema }) model: string,
    @Query({ schema: measurementsQuerySchema }) query: z.output<typeof measurementsQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<Page<MeasurementReply>> {
    await findRegisteredModel(this.store, project, model);
    const { limit, cursor, from, to, ...filter } = query;
    const found = await listMeasurements(this.store, {
      ...filter,
      project,
      model,
      fromMs: from === undefined ? undefined : Date.parse(from),
      toMs: to === undefined ? undefined : Date.parse(to),
      before: readCursor(cursor, positionSchema),
      limit: limit + 1,
    });
    const nowMs = Date.now();
    return toPage(found, limit, (measurement) => toReply(measurement, nowMs), positionOf);
  }
}

function positionOf({
  windowEndMs,
  windowStartMs,
  monitor,
  version,
  segment,
  feature,
  method,
  revision,
}: Measurement): MeasurementPosition {
  return { windowEndMs, windowStartMs, monitor, version, segment, feature, method, revision };
}

function toReply(measurement: ListedMeasurement, nowMs: number): MeasurementReply {
  return {
    model: measurement.model,
    version: measurement.version,
    monitor: measurement.monitor,
    segment: measurement.segment,
    feature: measurement.feature,
    method: measurement.method,
    window_start: instantText(measurement.windowStartMs),
    window_end: instantText(measurement.windowEndMs),
    data_start: instantText(measurement.dataStartMs),
    revision: measurement.revision,
    value: finite(measurement.value),
    effect: finite(measurement.effect),
    error_bound: finite(measurement.errorBound),
    p_value: finite(measurement.pValue),
    adjusted_p_value: finite(measurement.adjustedPValue),
    alpha: finite(measurement.alpha),
    n_reference: measurement.nReference,
    n_current: measurement.nCurrent,
    n_missing: measurement.nMissing,
    threshold_warning: finite(measurement.thresholdWarning),
    threshold_critical: finite(measurement.thresholdCritical),
    lower: finite(measurement.lower),
    upper: finite(measurement.upper),
    label_coverage: finite(measurement.coverage),
    label_lag_p50_ms: finite(measurement.lagP50Ms),
    label_lag_p95_ms: finite(measurement.lagP95Ms),
    state: measurement.finalFromMs > nowMs ? 'provisional' : 'final',
    reference_id: measurement.referenceId,
    severity: measurement.severity,
    decides: measurement.decides,
    reason: measurement.reason,
    evaluated_at: instantText(measurement.evaluatedAtMs),
    superseded_at: measurement.supersededAtMs === undefined ? null : instantText(measurement.supersededAtMs),
  };
}
