import type { RetrainingEvent, RetrainingRun } from '@plumbline/contracts';
import { stableId } from '@plumbline/monitoring';
import type { LinkKeys } from '@plumbline/platform';
import {
  insertDelivery,
  listDeliveries,
  listRetrainingPolicies,
  listRunNotices,
  type ModelKey,
  type RunNotice,
  type Store,
} from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import type { ChannelDependencies } from '../../channels/channel-of-receiver.js';
import { type ActiveReceiver, activeReceivers } from '../../notify/active-receivers.js';
import { nextAttemptAtMs } from '../../notify/next-attempt.js';
import { OUTBOX_LOOKBACK_MS } from '../../notify/outbox-lookback.js';
import { type DecisionLinks, runMessage } from './run-message.js';
import { sendRunMessage } from './send-run-message.js';

/** Longer than any approval is waited for; a link of a run that is decided does nothing. */
const LINK_LIFETIME_MS = 30 * 24 * 3_600_000;
const MAX_SETTLED = 10_000;

export interface RunNoticesDependencies {
  readonly store: Store;
  readonly channels: ChannelDependencies;
  readonly links: LinkKeys;
  readonly logger: Logger;
  readonly abort: AbortSignal;
}

/** Tells the receivers that a policy names what becomes of its runs: at least once, each change under a key of its own. */
export class RunNotices {
  /** Deliveries that need no more attention, so that the log is not asked for them again. */
  private readonly settled = new Set<string>();

  constructor(private readonly dependencies: RunNoticesDependencies) {}

  /**
   * Tells what is due of the runs of a model. Returns when to look again, in milliseconds since 1970; undefined when nothing is left.
   * Never to run twice at a time for one model.
   * @throws StorageError
   */
  async tell({ project, model }: ModelKey, nowMs: number): Promise<number | undefined> {
    const { store } = this.dependencies;
    const notices = await listRunNotices(store, { project, model, sinceMs: nowMs - OUTBOX_LOOKBACK_MS });
    if (notices.length === 0) return undefined;
    const policies = await listRetrainingPolicies(store, project, model);
    const receivers = await activeReceivers(store, project);
    let nextAtMs = Infinity;
    for (const notice of notices) {
      if (isStale(notice)) continue;
      const policy = policies.find((each) => each.policy === notice.run.policy);
      for (const name of new Set(policy?.declaration.receivers)) {
        const receiver = receivers.find((each) => each.receiver === name);
        if (receiver === undefined || receiver.createdAtMs > notice.event.atMs) continue;
        nextAtMs = Math.min(nextAtMs, await this.tellOne(notice, receiver, nowMs));
      }
    }
    return nextAtMs === Infinity ? undefined : nextAtMs;
  }

  /** Makes the next attempt if it is due. Returns when the next one is; Infinity when there is none. */
  private async tellOne({ event, run }: RunNotice, receiver: ActiveReceiver, nowMs: number): Promise<number> {
    const { store, channels, logger, abort } = this.dependencies;
    const { project, model } = run;
    const id = stableId('retraining notice', event.eventId, receiver.receiver);
    if (this.settled.has(id)) return Infinity;
    const [last] = await listDeliveries(store, { project, deliveryId: id, limit: 1 });
    if (last !== undefined && last.nextAttemptAtMs === 0) {
      // The log knows them all: what is forgotten is asked for once more.
      if (this.settled.size >= MAX_SETTLED) this.settled.clear();
      this.settled.add(id);
      return Infinity;
    }
    if (last !== undefined && last.nextAttemptAtMs > nowMs) return last.nextAttemptAtMs;
    const message = runMessage(id, run, event, await this.decisionLinks(run, event));
    const result = await sendRunMessage(receiver.declaration, message, channels, nowMs, abort);
    const { outcome, status, detail } = result;
    const attempt = (last?.attempt ?? 0) + 1;
    const nextAtMs = outcome === 'retryable' ? nextAttemptAtMs(attempt, nowMs, Math.random(), result.retryAfterMs) : 0;
    await insertDelivery(store, {
      deliveryId: id,
      project,
      model,
      receiver: receiver.receiver,
      channel: receiver.declaration.channel,
      kind: 'retraining',
      transitionIds: [],
      attempt,
      outcome,
      status,
      detail,
      sentAtMs: nowMs,
      nextAttemptAtMs: nextAtMs,
    });
    const fields = { project, model, run_id: run.runId, receiver: receiver.receiver, attempt, status, detail };
    if (outcome === 'rejected') logger.error(fields, 'a receiver could not be told of a retraining run');
    else if (nextAtMs > 0) logger.warn(fields, 'a receiver is told of a retraining run again later');
    return nextAtMs > 0 ? nextAtMs : Infinity;
  }

  private async decisionLinks(run: RetrainingRun, event: RetrainingEvent): Promise<DecisionLinks | undefined> {
    const { links, channels } = this.dependencies;
    if (event.to !== 'awaiting_approval' || channels.externalUrl === '') return undefined;
    const sign = async (action: string): Promise<string> => {
      const claims = { project: run.project, action, subject: run.runId, expiresAtMs: event.atMs + LINK_LIFETIME_MS };
      return `${channels.externalUrl}/links?token=${await links.sign(claims)}`;
    };
    return { approve: await sign('retraining.approve'), refuse: await sign('retraining.refuse') };
  }
}

/** A question that was answered meanwhile is not asked any more. */
function isStale({ event, run }: RunNotice): boolean {
  return event.to === 'awaiting_approval' && run.status !== 'awaiting_approval';
}
