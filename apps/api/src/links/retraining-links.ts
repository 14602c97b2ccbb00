import { Injectable } from '@nestjs/common';
import type { RetrainingRun } from '@plumbline/contracts';
import type { LinkClaims } from '@plumbline/platform';
import { Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { Logger } from '@plumbline/telemetry';
import { decideOnRun, existingRun } from '../queries/change-retraining-run.js';
import { LinkHandler, type LinkForm, type LinkPage } from './link-handler.js';

const DECISIONS = { 'retraining.approve': 'approved', 'retraining.refuse': 'refused' } as const;
type DecisionAction = keyof typeof DECISIONS;

/** Links by which a person approves or refuses the call of a retraining pipeline. */
@Injectable()
export class RetrainingLinks extends LinkHandler {
  readonly actions: readonly DecisionAction[] = ['retraining.approve', 'retraining.refuse'];

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly logger: Logger,
  ) {
    super();
  }

  async describe({ project, subject, action }: LinkClaims): Promise<LinkPage> {
    const run = await existingRun(this.store, project, subject);
    const approves = decisionOf(action) === 'approved';
    if (run.status !== 'awaiting_approval') {
      return {
        title: titleOf(run),
        text: [`The run is ${run.status}: there is nothing to decide any more.`, run.detail],
      };
    }
    return {
      title: titleOf(run),
      text: [
        run.reason,
        approves
          ? `If you approve, the pipeline of policy ${run.policy} is called once, and trains a successor of version ${run.version}.`
          : `If you refuse, nobody is called, and policy ${run.policy} asks no more for these alerts.`,
      ],
      button: approves ? 'Approve the retraining' : 'Refuse the retraining',
    };
  }

  async perform({ project, subject, action }: LinkClaims, form: LinkForm, nowMs: number): Promise<LinkPage> {
    const { store, stream, logger } = this;
    const run = await existingRun(store, project, subject);
    const who = `${form.author} (by link)`;
    const to = decisionOf(action);
    await decideOnRun({ store, stream, logger }, run, to, { who, note: form.note }, nowMs);
    const done = to === 'approved' ? 'Approved: the pipeline is being called.' : 'Refused: nobody is called.';
    return { title: titleOf(run), text: [done, `It is written down as decided by ${who}.`] };
  }
}

function decisionOf(action: string): 'approved' | 'refused' {
  return DECISIONS[action as DecisionAction];
}

function titleOf({ model, policy }: RetrainingRun): string {
  return `Retraining of ${model} (${policy})`;
}
