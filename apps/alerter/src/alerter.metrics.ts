import type { DeliveryOutcome, RetrainingRunStatus } from '@plumbline/contracts';
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
      help: 'Changes of alerts that a receiver is still to be told of, counted once for each receiver',
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
}
