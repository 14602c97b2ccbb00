import type { Notification } from '@plumbline/contracts';
import { insertDelivery, listUndelivered, markReceiverGone, type OutboxEntry, type Store } from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import type { AlerterMetrics } from '../alerter.metrics.js';
import type { SendResult } from '../channels/channel.js';
import { type ChannelDependencies, channelOfReceiver } from '../channels/channel-of-receiver.js';
import { Limiter } from '../limiter.js';
import { type ActiveReceiver, activeReceivers } from './active-receivers.js';
import { composeNotification } from './compose-notification.js';
import { groupDeliveries, inOrder, type PendingDelivery } from './group-deliveries.js';
import { nextAttemptAtMs } from './next-attempt.js';
import { OUTBOX_LOOKBACK_MS } from './outbox-lookback.js';

/** Messages on their way to one receiver at a time, over all models. */
const CONCURRENT_SENDS = 4;

export interface NotifierDependencies {
  readonly store: Store;
  readonly channels: ChannelDependencies;
  readonly metrics: AlerterMetrics;
  readonly logger: Logger;
  /** Interrupts what is under way; the next process sends it again, under the same key. */
  readonly abort: AbortSignal;
}

/** Tells receivers what changed: at least once, and under a key by which they can tell a repetition. */
export class Notifier {
  private readonly limiters = new Map<string, Limiter>();

  constructor(private readonly dependencies: NotifierDependencies) {}

  /**
   * Tells a receiver what it has not been told of a model. Returns when to look again, in milliseconds since 1970; undefined
   * when nothing is left. Never to run twice at a time for one receiver and model.
   *
   * The stages: outbox (what the delivery log does not settle) → group → order and due time → send → record. A stage that chooses what a
   * receiver hears of belongs between outbox and group; as yet every receiver of the project hears of everything.
   * @throws StorageError
   */
  async notify(project: string, model: string, receiverName: string, nowMs: number): Promise<number | undefined> {
    const receiver = await this.findReceiver(project, receiverName);
    if (receiver === undefined) return undefined;
    const undelivered = await this.outbox(project, model, receiver, nowMs);
    const sendable = inOrder(groupDeliveries(receiver.receiver, undelivered));
    const due = sendable.filter(({ nextAttemptAtMs: notBeforeMs }) => notBeforeMs <= nowMs);
    await this.sendAll(project, receiver, due, nowMs);
    // What waited for one of these may go now.
    if (due.length > 0) return nowMs;
    return sendable.length === 0 ? undefined : Math.min(...sendable.map((each) => each.nextAttemptAtMs));
  }

  private async findReceiver(project: string, name: string): Promise<ActiveReceiver | undefined> {
    return (await activeReceivers(this.dependencies.store, project)).find(({ receiver }) => receiver === name);
  }

  private async outbox(
    project: string,
    model: string,
    receiver: ActiveReceiver,
    nowMs: number,
  ): Promise<OutboxEntry[]> {
    return listUndelivered(this.dependencies.store, {
      project,
      model,
      receiver: receiver.stored?.receiver,
      sinceMs: Math.max(nowMs - OUTBOX_LOOKBACK_MS, receiver.createdAtMs),
    });
  }

  /** Resolves when nothing is under way any more. A delivery that cannot be recorded costs only itself. */
  private async sendAll(
    project: string,
    receiver: ActiveReceiver,
    due: readonly PendingDelivery[],
    nowMs: number,
  ): Promise<void> {
    const startedAtMs = performance.now();
    const limiter = this.limiterOf(`${project}/${receiver.receiver}`);
    const settled = await Promise.allSettled(
      due.map((delivery) =>
        limiter.run(async () => {
          // Some wait long for their turn, and a timestamp that is minutes old is refused as a replay.
          const attemptedAtMs = nowMs + Math.round(performance.now() - startedAtMs);
          const notification = composeNotification(receiver.receiver, delivery);
          const result = await this.send(receiver, notification, attemptedAtMs);
          await this.record(receiver, delivery, attemptedAtMs, result);
        }),
      ),
    );
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
  }

  private async send(receiver: ActiveReceiver, notification: Notification, attemptedAtMs: number): Promise<SendResult> {
    const { channels, metrics, abort } = this.dependencies;
    const startedAtMs = performance.now();
    const channel = channelOfReceiver(receiver.declaration, channels);
    const result = await channel.send(notification, { attemptedAtMs, memory: '', mayBeRepeated: true }, abort);
    metrics.notificationSent(receiver.declaration.channel, result.outcome, performance.now() - startedAtMs);
    return result;
  }

  private async record(
    receiver: ActiveReceiver,
    delivery: PendingDelivery,
    attemptedAtMs: number,
    result: SendResult,
  ): Promise<void> {
    const { store, logger } = this.dependencies;
    const { outcome, status, detail } = result;
    const { deliveryId } = delivery;
    const { project, model, monitor } = delivery.entries[0]!.transition;
    const attempt = delivery.attempts + 1;
    const nextAtMs =
      outcome === 'retryable' ? nextAttemptAtMs(attempt, attemptedAtMs, Math.random(), result.retryAfterMs) : 0;
    await insertDelivery(store, {
      deliveryId,
      project,
      model,
      receiver: receiver.receiver,
      channel: receiver.declaration.channel,
      kind: 'alert',
      transitionIds: delivery.entries.map(({ transition }) => transition.transitionId),
      attempt,
      outcome,
      status,
      detail,
      sentAtMs: attemptedAtMs,
      nextAttemptAtMs: nextAtMs,
    });
    const fields = {
      project,
      model,
      monitor,
      receiver: receiver.receiver,
      delivery_id: deliveryId,
      attempt,
      status,
      detail,
    };
    if (outcome === 'rejected' && result.gone === true && receiver.stored !== undefined) {
      await markReceiverGone(store, receiver.stored);
      logger.error(fields, 'a receiver answered that it is gone: it is told nothing more until it is saved again');
    } else if (outcome !== 'delivered' && nextAtMs === 0) {
      logger.error(fields, 'a notification could not be delivered and is given up');
    } else if (outcome === 'retryable') {
      logger.warn(
        { ...fields, next_attempt_at: new Date(nextAtMs).toISOString() },
        'a notification is sent again later',
      );
    }
  }

  private limiterOf(receiverKey: string): Limiter {
    const limiter = this.limiters.get(receiverKey) ?? new Limiter(CONCURRENT_SENDS);
    this.limiters.set(receiverKey, limiter);
    return limiter;
  }
}
