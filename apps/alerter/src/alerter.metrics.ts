import type { DeliveryOutcome, RetrainingRunStatus } from '@plumbline/contracts';
import type { WithheldReason } from '@plumbline/monitoring';
import { Metrics } from '@plumbline/telemetry';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';

/** What the alerter tells of itself. */
@Injectable()
export class AlerterMetrics {
  private readonly notifications: Counter<'channel' | 'outcome'>;
  private readonly notificationDuration: Histogram<'channel'>;
  private readonly retrainingRuns: Counter<'status'>;
  private readonly outboxPending: Gauge;
  private readonly deliveryLatency: Histogram;
  private readonly alertsPerMessage: Histogram;
  private readonly suppressedEpisodes: Counter<'reason'>;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.notifications = new Counter({
      name: 'plumbline_notifications_total',
      help: 'Attempts to send a notification, by channel and what became of them',
      labelNames: ['channel', 'outcome'],
      registers,
    });
    this.notificationDuration = new Histogram({
      name: 'plumbline_notification_duration_seconds',
      help: 'How long an attempt to send a notification took',
      labelNames: ['channel'],
      buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30],
      registers,
    });
    this.retrainingRuns = new Counter({
      name: 'plumbline_retraining_runs_total',
      help: 'Retraining runs that the alerter brought to a status',
      labelNames: ['status'],
      registers,
    });
    this.outboxPending = new Gauge({
      name: 'plumbline_outbox_pending',
      help: 'Changes of alerts that nobody was told of yet, and messages on their way',
      registers,
    });
    this.deliveryLatency = new Histogram({
      name: 'plumbline_notification_latency_seconds',
      help: 'From the decision about an alert to the delivery of the first message that tells of it, group_wait included',
      buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400],
      registers,
    });
    this.alertsPerMessage = new Histogram({
      name: 'plumbline_notification_alerts',
      help: 'Alerts in a message',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    });
    this.suppressedEpisodes = new Counter({
      name: 'plumbline_notifications_suppressed_total',
      help: 'Episodes and messages that a receiver was not told of, by reason',
      labelNames: ['reason'],
      registers,
    });
  }

  notificationSent(channel: string, outcome: DeliveryOutcome, durationMs: number): void {
    this.notifications.inc({ channel, outcome });
    this.notificationDuration.observe({ channel }, durationMs / 1000);
  }

  retrainingRun(status: RetrainingRunStatus): void {
    this.retrainingRuns.inc({ status });
  }

  outbox(pending: number): void {
    this.outboxPending.set(pending);
  }

  /** @param latencyMs from the first decision that the message tells of */
  delivered(latencyMs: number): void {
    this.deliveryLatency.observe(Math.max(0, latencyMs) / 1000);
  }

  messageMade(alerts: number): void {
    this.alertsPerMessage.observe(alerts);
  }

  suppressed(reason: WithheldReason | 'send_resolved'): void {
    this.suppressedEpisodes.inc({ reason });
  }
}
