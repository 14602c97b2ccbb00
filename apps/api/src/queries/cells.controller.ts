import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type CellVerificationReply,
  cellVerificationRequestSchema,
  cellVerificationSchema,
  nameSchema,
  recordKey,
} from '@plumbline/contracts';
import { positiveClassOf } from '@plumbline/monitoring';
import { findClassesOfModels, markAllHours, Store, verifyCells } from '@plumbline/storage';
import { reconcileModel, ReconcileTimeoutError } from '@plumbline/platform';
import { EventStream } from '@plumbline/stream';
import type { z } from 'zod';
import { type Caller, CurrentCaller } from '../auth/caller.js';
import { instantText } from '../http/instant-text.js';
import { Problem } from '../http/problem.js';
import { LongRunning } from '../http/request-timeout.js';
import { findRegisteredModel } from '../registry/find-registered-model.js';

/** The rebuild of a model with weeks of traffic takes minutes. */
const REBUILD_MS = 10 * 60_000;
const RETRY_AFTER_MS = 60_000;

/** Predictions may lie somewhat in the future. */
const DAY_MS = 86_400_000;

@ApiTags('models')
@Controller('v1/models/:model/cells')
export class CellsController {
  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
  ) {}

  @Post('verify')
  @HttpCode(200)
  @LongRunning(true)
  @ApiOperation({ summary: 'Compare the rollups of a model with the raw rows they are made of' })
  @ApiOkResponse({ standardSchema: cellVerificationSchema })
  async verify(
    @Param('model', { schema: nameSchema }) model: string,
    @Body({ schema: cellVerificationRequestSchema }) request: z.output<typeof cellVerificationRequestSchema>,
    @CurrentCaller() { project }: Caller,
  ): Promise<CellVerificationReply> {
    const { declaration } = await findRegisteredModel(this.store, project, model);
    const classes = await findClassesOfModels(this.store, [{ project, model }]);
    const nowMs = Date.now();
    const range = {
      project,
      model,
      fromMs: request.from === undefined ? 0 : Date.parse(request.from),
      toMs: request.to === undefined ? nowMs + DAY_MS : Date.parse(request.to),
      positiveClass: positiveClassOf(declaration, classes.get(recordKey(project, model)) ?? []),
    };
    const { cells, predictions, mismatchCount, mismatches } = await verifyCells(this.store, range);
    let repaired = 0;
    if (request.repair && mismatchCount > 0) {
      await markAllHours(this.store, project, model, 'rebuild', nowMs);
      await this.rebuild(project, model);
      repaired = mismatchCount - (await verifyCells(this.store, range)).mismatchCount;
    }
    return {
      cells,
      predictions,
      mismatches: mismatchCount,
      repaired,
      examples: mismatches.map(({ table, version, segment, series, minuteMs, raw, cell }) => ({
        table,
        version,
        segment,
        series,
        minute: instantText(minuteMs),
        raw: [...raw],
        cell: [...cell],
      })),
    };
  }

  /** Resolves when the owner of the model has rebuilt the hours that were marked. */
  private async rebuild(project: string, model: string): Promise<void> {
    try {
      await reconcileModel(this.stream, this.store, { project, model }, { timeoutMs: REBUILD_MS });
    } catch (error) {
      if (!(error instanceof ReconcileTimeoutError)) throw error;
      throw new Problem(503, `the repair is under way and not done yet; verify again later. ${error.message}`, {
        retryAfterMs: RETRY_AFTER_MS,
        cause: error,
      });
    }
  }
}
