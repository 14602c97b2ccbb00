import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type ModelHealthReply, modelHealthSchema, nameSchema, type Severity } from '@plumbline/contracts';
import {
  countLabelled,
  listActiveVersions,
  listAlerts,
  listMeasurements,
  listMissingReferences,
  mergeTrafficCells,
  Store,
} from '@plumbline/storage';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** More open alerts than this are counted as this many. */
const MAX_OPEN_ALERTS = 1_000;
const WORST_FIRST: readonly Severity[] = [
  'critical',
  'warning',
  'error',
  'no_data',
  'insufficient_data',
  'no_reference',
];
/** Windows of monitors that are this much older than the newest say nothing of today. */
const RECENT_MS = 8 * DAY_MS;

@ApiTags('queries')
@Controller('v1/models/:model/health')
export class ModelHealthController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'Read how a model is doing' })
  @ApiOkResponse({ standardSchema: modelHealthSchema })
  async read(
    @Param('model', { schema: nameSchema }) model: string,
    @CurrentCaller() { project }: Caller,
  ): Promise<ModelHealthReply> {
    await findRegisteredModel(this.store, project, model);
    const toMs = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
    const [alerts, [newest], versions] = await Promise.all([
      listAlerts(this.store, { project, model, status: 'firing', limit: MAX_OPEN_ALERTS }),
      listMeasurements(this.store, { project, model, limit: 1 }),
      listActiveVersions(this.store, project, model, toMs - DAY_MS, toMs),
    ]);
    const missing =
      newest === undefined
        ? []
        : await listMissingReferences(this.store, project, model, newest.windowEndMs - RECENT_MS);
    const severities = new Set([
      ...alerts.map(({ severity }) => severity),
      ...missing.map((): Severity => 'no_reference'),
    ]);
    return {
      model,
      severity: WORST_FIRST.find((severity) => severities.has(severity)) ?? 'ok',
      open_alerts: alerts.length,
      last_window_end: newest === undefined ? null : instantText(newest.windowEndMs),
      last_evaluated_at: newest === undefined ? null : instantText(newest.evaluatedAtMs),
      no_reference: missing.map(({ monitor, version, windowEndMs, reason }) => ({
        monitor,
        version,
        window_end: instantText(windowEndMs),
        reason,
      })),
      versions: await Promise.all(versions.map((version) => this.lastDay(project, model, version, toMs))),
    };
  }

  private async lastDay(
    project: string,
    model: string,
    version: string,
    toMs: number,
  ): Promise<ModelHealthReply['versions'][number]> {
    const window = { project, model, version, segment: '', fromMs: toMs - DAY_MS, toMs };
    const { n, errors, weight } = await mergeTrafficCells(this.store, window);
    const labelled = await countLabelled(this.store, window);
    return {
      version,
      predictions_last_day: n,
      volume_last_day: Math.round(weight),
      errors_last_day: errors,
      labelled_last_day: labelled,
      label_coverage: n === 0 ? null : labelled / n,
    };
  }
}
