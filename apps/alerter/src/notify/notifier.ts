import type { AlertReport, AlertReportScope, AlertView, ModelLinks, Notification } from '@plumbline/contracts';
import {
  buildAlertReport,
  type NotifyReceiver,
  type PlannedMessage,
  planNotifications,
  stableId,
  type SuppressedEpisode,
} from '@plumbline/monitoring';
import type { LinkKeys } from '@plumbline/platform';
import { readMovingReferences } from '@plumbline/references';
import {
  findModel,
  findSendableNotification,
  insertDelivery,
  insertNotification,
  markReceiverGone,
  type OutboxKey,
  readAlertReportRows,
  type Store,
} from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import type { AlerterMetrics } from '../alerter.metrics.js';
import type { SendResult } from '../channels/channel.js';
import type { ChannelDependencies } from '../channels/channel-of-receiver.js';
import type { ActiveReceiver } from './active-receivers.js';
import { ChannelPool, type PooledChannel } from './channel-pool.js';
import { composeNotification } from './compose-notification.js';
import { messageLinks } from './message-links.js';
import { MinuteBudget } from './minute-budget.js';
import { nextAttemptAtMs } from './next-attempt.js';
import { type ReadWorld, WorldReader } from './world-reader.js';

/**
 * Reports made in a minute. Each takes a dozen queries, so that a storm of alerts would be told late: from then on messages go without,
 * and hold what each alert says of itself.
 */
const REPORTS_PER_MINUTE = 30;
/** How often is looked whether receivers still fail: nothing else wakes for it. */
const FAILING_LOOK_MS = 60_000;

export interface NotifierDependencies {
  readonly store: Store;
  readonly channels: ChannelDependencies;
  /** Whether there are pages of alerts to link to. */
  readonly hasConsole: boolean;
  readonly links: LinkKeys;
  readonly metrics: AlerterMetrics;
  readonly logger: Logger;
  /** Interrupts what is under way; the next process sends it again, under the same key. */
  readonly abort: AbortSignal;
}

/** Whom a key concerns. */
export interface Concerned {
  readonly receivers: readonly string[];
  /** Whether routes of the project make groups that name no model. */
  readonly groupsWithoutModel: boolean;
}

/** A message that is to be sent now. */
interface Due {
  readonly notificationId: string;
  readonly incidentId: string;
  /** When it was made just now: nobody can have sent it. */
  readonly madeAtMs: number | undefined;
}

/** Tells receivers how the alerts stand: at least once, and under a key by which they can tell a repetition. */
export class Notifier {
  private readonly worlds: WorldReader;
  private readonly pool: ChannelPool;
  private readonly reports = new MinuteBudget(REPORTS_PER_MINUTE);

  constructor(private readonly dependencies: NotifierDependencies) {
    this.worlds = new WorldReader(dependencies.store);
    this.pool = new ChannelPool(dependencies.channels);
  }

  /** Returns the receivers that may have to be told of a key. @throws StorageError */
  async concerned(key: OutboxKey, nowMs: number): Promise<Concerned> {
    const { receivers, routes } = await this.worlds.read(key, nowMs);
    const groupsWithoutModel = routes.some(({ declaration }) => !declaration.group_by.includes('model'));
    return { receivers: receivers.map(({ receiver }) => receiver), groupsWithoutModel };
  }

  /**
   * Tells a receiver what is due of a model, or of the groups that no model is named in. Returns when to look again, in milliseconds
   * since 1970; undefined when nothing is foreseen. Never to run twice at a time for one receiver and key.
   *
   * The stages: read → plan → write the message → send it → record what became of it. A message is written before it is sent, so that a
   * crash in between sends the same again, under the same key.
   * @throws StorageError
   */
  async notify(key: OutboxKey, receiverName: string, nowMs: number): Promise<number | undefined> {
    const startedAtMs = performance.now();
    const clock = (): number => nowMs + Math.round(performance.now() - startedAtMs);
    const world = await this.worlds.read(key, nowMs);
    const receiver = world.receivers.find((each) => each.receiver === receiverName);
    if (receiver === undefined) return undefined;
    const pooled = this.pool.channelOf(key.project, receiver);
    const plan = planNotifications(world, notifyReceiver(receiver, pooled), nowMs);
    for (const episode of plan.suppressed) await this.suppress(key, receiver, episode, nowMs);
    const last = new Map(world.lastMessages.map((message) => [message.notificationId, message.incidentId]));
    const settled = await Promise.allSettled([
      ...plan.messages.map((message) =>
        this.inTurn(pooled, async () => {
          const due = await this.write(key, world, receiver, message, clock());
          if (due !== undefined) await this.send(key, receiver, pooled, due, clock());
        }),
      ),
      ...plan.attempts.map((notificationId) =>
        this.inTurn(pooled, async () => {
          const due = { notificationId, incidentId: last.get(notificationId)!, madeAtMs: undefined };
          await this.send(key, receiver, pooled, due, clock());
        }),
      ),
    ]);
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
    // What is told changes what is to be told next.
    if (settled.length > 0 || plan.suppressed.length > 0) return nowMs;
    if (!world.receiversFail) return plan.lookAgainAtMs;
    return Math.min(plan.lookAgainAtMs ?? Infinity, nowMs + FAILING_LOOK_MS);
  }

  private async inTurn(pooled: PooledChannel, task: () => Promise<void>): Promise<void> {
    await pooled.limiter.run(task, this.dependencies.abort);
  }

  /** Notes that nobody is told of an episode, and why. */
  private async suppress(
    { project, model }: OutboxKey,
    { receiver, declaration }: ActiveReceiver,
    { route, alertId, transitionIds, withheld }: SuppressedEpisode,
    nowMs: number,
  ): Promise<void> {
    const { store, metrics } = this.dependencies;
    await insertDelivery(store, {
      deliveryId: stableId('suppressed', project, model, receiver, route, alertId, ...transitionIds),
      project,
      model,
      receiver,
      route,
      channel: declaration.channel,
      kind: 'alert',
      transitionIds,
      attempt: 0,
      outcome: 'suppressed',
      status: 0,
      detail: withheld.detail,
      sentAtMs: nowMs,
      nextAttemptAtMs: 0,
    });
    metrics.suppressed(withheld.reason);
  }

  /** Keeps a message. Returns what is to be sent; undefined when the receiver need not be told. */
  private async write(
    key: OutboxKey,
    world: ReadWorld,
    { receiver, declaration }: ActiveReceiver,
    plan: PlannedMessage,
    nowMs: number,
  ): Promise<Due | undefined> {
    const { store, metrics } = this.dependencies;
    const { project, model } = key;
    const { notificationId, incidentId, route, groupKey, position, sequence } = plan;
    const content = await this.compose(world, plan, nowMs);
    await insertNotification(store, {
      project,
      model,
      notificationId,
      receiver,
      route,
      groupKey,
      incidentId,
      position,
      sequence,
      transitionIds: plan.covers,
      told: JSON.stringify(plan.told),
      open: plan.told.some(({ status }) => status === 'firing'),
      content,
      decidedAtMs: plan.decidedAtMs ?? 0,
    });
    if (plan.settledBecause === undefined) {
      metrics.messageMade(content.alerts.length + content.moreAlerts);
      return { notificationId, incidentId, madeAtMs: nowMs };
    }
    await insertDelivery(store, {
      deliveryId: notificationId,
      project,
      model,
      receiver,
      route,
      incidentId,
      channel: declaration.channel,
      kind: 'alert',
      transitionIds: plan.covers,
      attempt: 1,
      outcome: 'suppressed',
      status: 0,
      detail: plan.settledBecause,
      sentAtMs: nowMs,
      nextAttemptAtMs: 0,
    });
    metrics.suppressed('send_resolved');
    return undefined;
  }

  private async compose(world: ReadWorld, plan: PlannedMessage, createdAtMs: number): Promise<Notification> {
    const { links: keys, channels } = this.dependencies;
    const { project } = world;
    const worst = plan.alerts[0];
    const row = worst && world.rows.get(worst.alertId);
    const links = await messageLinks({
      keys,
      externalUrl: channels.externalUrl,
      hasConsole: this.dependencies.hasConsole,
      project,
      notificationId: plan.notificationId,
      createdAtMs,
      firing: plan.status === 'firing',
      worst: row && { ...row, alert: worst, declared: await this.declaredLinks(project, row.model) },
    });
    const report = row && (await this.report({ ...row, alerts: reported(plan.alerts, worst) }));
    return composeNotification(plan, { project, report, links, createdAtMs });
  }

  private async declaredLinks(project: string, model: string): Promise<ModelLinks | undefined> {
    return (await findModel(this.dependencies.store, project, model))?.declaration.links;
  }

  /** Says what happened; a message that cannot say it goes without. */
  private async report(scope: AlertReportScope): Promise<AlertReport | undefined> {
    const { store, logger } = this.dependencies;
    if (!this.reports.use(performance.now())) return undefined;
    try {
      const rows = await readAlertReportRows(store, scope);
      const ids = rows.measurements.map(({ referenceId }) => referenceId);
      const moving = await readMovingReferences(store, scope, ids);
      return buildAlertReport(scope, { ...rows, references: [...rows.references, ...moving] });
    } catch (error) {
      const { project, model, version } = scope;
      logger.warn({ err: error, project, model, version }, 'a message goes without a report: it could not be made');
      return undefined;
    }
  }

  private async send(
    key: OutboxKey,
    receiver: ActiveReceiver,
    { channel, limiter }: PooledChannel,
    { notificationId, incidentId, madeAtMs }: Due,
    nowMs: number,
  ): Promise<void> {
    const { store, metrics, abort } = this.dependencies;
    // As it was first written: another process may have made the same message a moment before.
    const kept = await findSendableNotification(store, { ...key, notificationId, incidentId });
    if (kept === undefined) return;
    const { content, memory, attempts, delivered, decidedAtMs } = kept;
    const startedAtMs = performance.now();
    const mayBeRepeated = attempts > 0 || content.createdAtMs !== madeAtMs;
    const result = await channel.send(content, { attemptedAtMs: nowMs, memory, mayBeRepeated }, abort);
    const tookMs = performance.now() - startedAtMs;
    metrics.notificationSent(receiver.declaration.channel, result.outcome, tookMs);
    if (result.outcome === 'retryable' && result.retryAfterMs !== undefined) limiter.holdBack(result.retryAfterMs);
    if (result.outcome === 'delivered' && !delivered && decidedAtMs > 0) {
      metrics.delivered(nowMs + tookMs - decidedAtMs);
    }
    await this.record(key, receiver, content, { attempt: attempts + 1, delivered, nowMs }, result);
  }

  private async record(
    { project, model }: OutboxKey,
    { receiver, declaration, stored }: ActiveReceiver,
    { id, incidentId, cause }: Notification,
    { attempt, delivered, nowMs }: { readonly attempt: number; readonly delivered: boolean; readonly nowMs: number },
    result: SendResult,
  ): Promise<void> {
    const { store, logger } = this.dependencies;
    const { outcome, status, detail } = result;
    // A test is answered at once, and what was delivered is not pressed.
    const isTriedAgain = outcome === 'retryable' && cause !== 'test' && !delivered;
    const nextAtMs = isTriedAgain ? nextAttemptAtMs(attempt, nowMs, Math.random(), result.retryAfterMs) : 0;
    await insertDelivery(store, {
      deliveryId: id,
      project,
      model,
      receiver,
      incidentId,
      channel: declaration.channel,
      kind: 'alert',
      transitionIds: [],
      attempt,
      outcome,
      status,
      detail,
      sentAtMs: nowMs,
      nextAttemptAtMs: nextAtMs,
      ...(outcome === 'delivered' && result.memory !== undefined ? { memory: result.memory } : {}),
    });
    const fields = { project, model, receiver, notification_id: id, attempt, status, detail };
    if (outcome === 'rejected' && result.gone === true && stored !== undefined) {
      await markReceiverGone(store, stored);
      logger.error(fields, 'a receiver answered that it is gone: it is told nothing more until it is saved again');
    } else if (outcome !== 'delivered' && nextAtMs === 0 && cause !== 'test') {
      logger.error(fields, 'a notification could not be delivered and is given up');
    } else if (isTriedAgain) {
      logger.warn(
        { ...fields, next_attempt_at: new Date(nextAtMs).toISOString() },
        'a notification is sent again later',
      );
    }
  }
}

function notifyReceiver(
  { receiver, declaration, createdAtMs }: ActiveReceiver,
  { channel }: PooledChannel,
): NotifyReceiver {
  return {
    receiver,
    createdAtMs,
    sendResolved: declaration.send_resolved,
    showsAcknowledgement: channel.showsAcknowledgement,
    collapses: channel.collapses,
  };
}

/** Returns the alerts of a message that a report on the worst one may be about: those of its model and version. */
function reported(alerts: readonly AlertView[], worst: AlertView): AlertReportScope['alerts'] {
  return alerts
    .filter(({ labels }) => labels.model === worst.labels.model && labels.version === worst.labels.version)
    .map(({ alertId, labels: { monitor, segment, feature, method } }) => ({
      alertId,
      monitor,
      segment,
      feature,
      method,
    }));
}
