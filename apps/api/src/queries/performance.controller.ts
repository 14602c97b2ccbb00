import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  instantSchema,
  labelHorizonMs,
  MAX_SEGMENT_NAME_LENGTH,
  type Model,
  nameSchema,
  type PerformanceReply,
  performanceReplySchema,
  recordKey,
} from '@plumbline/contracts';
import { labelsFinalFrom, labelLag, performanceEstimates, positiveClassOf, rowsOf } from '@plumbline/monitoring';
import {
  findClassesOfModels,
  listActiveVersions,
  mergePerformanceCells,
  mergeTrafficCells,
  Store,
  type WindowScope,
} from '@plumbline/storage';
import { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { finite } from '../http/finite.js';
import { instantText } from '../http/instant-text.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const CONFIDENCE = 0.95;
/** A model with a thousand classes may have a million cells in its matrix. */
const MAX_CONFUSION_CELLS = 10_000;

const wholeMinuteSchema = instantSchema.refine((text) => Date.parse(text) % MINUTE_MS === 0, {
  message: 'must be a whole minute: cells have a grain of one minute',
});

const performanceQuerySchema = z
  .strictObject({
    version: nameSchema.optional().describe('every version with predictions in the range when absent'),
    segment: z.string().max(MAX_SEGMENT_NAME_LENGTH).default('').describe('all events when absent'),
    from: wholeMinuteSchema.optional().describe('one day before `to` when absent'),
    to: wholeMinuteSchema.optional().describe('now when absent'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be later than `from`',
  });

@ApiTags('queries')
@Controller('v1/models/:model/performance')
export class PerformanceController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'Read how well a model did in a time range, by the labels known by now' })
  @ApiOkResponse({ standardSchema: performanceReplySchema })
  async read(
    @Param('model', { schema: nameSchema }) model: string,
    @Query({ schema: performanceQuerySchema }) query: z.output<typeof performanceQuerySchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<PerformanceReply> {
    const registered = await findRegisteredModel(this.store, project, model);
    const nowMs = Date.now();
    const toMs = query.to === undefined ? Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS : Date.parse(query.to);
    const fromMs = query.from === undefined ? toMs - DAY_MS : Date.parse(query.from);
    const classes = await findClassesOfModels(this.store, [{ project, model }]);
    const positiveClass = positiveClassOf(registered.declaration, classes.get(recordKey(project, model)) ?? []);
    const active = await listActiveVersions(this.store, project, model, fromMs, toMs);
    const versions: PerformanceReply['versions'] = [];
    // One after the other: each may read the cells of many days.
    for (const version of active.filter((each) => query.version === undefined || each === query.version)) {
      const scope = { project, model, version, segment: query.segment, fromMs, toMs };
      versions.push(await this.ofVersion(registered, scope, positiveClass, nowMs));
    }
    return {
      model,
      segment: query.segment,
      from: instantText(fromMs),
      to: instantText(toMs),
      confidence: CONFIDENCE,
      versions,
    };
  }

  private async ofVersion(
    { declaration }: Model,
    scope: WindowScope,
    positiveClass: string | undefined,
    nowMs: number,
  ): Promise<PerformanceReply['versions'][number]> {
    const traffic = await mergeTrafficCells(this.store, scope);
    const merged = await mergePerformanceCells(this.store, scope);
    const data = { ...merged, predicted: traffic.n - traffic.errors };
    const { coverage, lagP50Ms, lagP95Ms } = labelLag(data);
    const finalFromMs = labelsFinalFrom(data, { windowEndMs: scope.toMs, horizonMs: labelHorizonMs(declaration) });
    const estimates = performanceEstimates(data, declaration.task, positiveClass, CONFIDENCE);
    const confusion = [...data.confusion].sort((left, right) => right.n - left.n);
    return {
      version: scope.version,
      predicted: data.predicted,
      labelled: data.labelled,
      label_coverage: finite(coverage),
      label_lag_p50_ms: finite(lagP50Ms),
      label_lag_p95_ms: finite(lagP95Ms),
      state: finalFromMs > nowMs ? 'provisional' : 'final',
      final_from: instantText(finalFromMs),
      positive_class: positiveClass ?? null,
      metrics: [...estimates].map(([metric, { value, lower, upper, errorBound }]) => ({
        metric,
        value,
        lower: finite(lower),
        upper: finite(upper),
        error_bound: errorBound,
        n: rowsOf(metric, data),
      })),
      confusion: confusion.slice(0, MAX_CONFUSION_CELLS).map(({ predicted, label, n }) => ({ predicted, label, n })),
      confusion_left_out: confusion.slice(MAX_CONFUSION_CELLS).reduce((sum, { n }) => sum + n, 0),
    };
  }
}
