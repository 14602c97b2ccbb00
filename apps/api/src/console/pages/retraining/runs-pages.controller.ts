import { Param, Post, Res } from '@nestjs/common';
import { retrainingDecisionSchema } from '@plumbline/contracts';
import { Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { decideOnRun, existingRun } from '../../../queries/change-retraining-run.js';
import { ConsoleController } from '../../console-controller.js';
import { Form } from '../../form.js';
import { alertPath } from '../../paths.js';
import { CurrentVisit, type Visit } from '../../visit.js';
import { actAndReturn } from '../act-and-return.js';
import { authorField, authorOf } from '../author-of.js';
import { runPath } from './run-path.js';

const runIdSchema = z.string().min(1).max(128);
const decisionFormSchema = z.object({
  decision: z.enum(['approved', 'refused'], { message: 'must be approved or refused' }),
  author: authorField,
  note: retrainingDecisionSchema.shape.note,
  alert: z.string().max(128).default(''),
});

/** What people decide about retraining runs: the same as the API does, by the same functions. */
@ConsoleController()
export class RunsPagesController {
  constructor(
    readonly store: Store,
    readonly stream: EventStream,
    readonly logger: Logger,
  ) {}

  @Post('retraining-runs/:run/decide')
  async decide(
    @CurrentVisit() visit: Visit,
    @Param('run', { schema: runIdSchema }) runId: string,
    @Form(decisionFormSchema) { decision, author, note, alert }: z.output<typeof decisionFormSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await existingRun(this.store, visit.caller.project, runId);
    await actAndReturn(reply, alert === '' ? runPath(run) : alertPath(alert), async () => {
      await decideOnRun(this, run, decision, { who: authorOf(visit, author), note }, visit.nowMs);
      return decision === 'approved' ? 'Approved: the pipeline is being called.' : 'Refused: nobody is called.';
    });
  }
}
