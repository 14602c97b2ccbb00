import { Injectable } from '@nestjs/common';
import { Metrics } from '@plumbline/telemetry';
import { Counter, Histogram } from 'prom-client';

/** What intake counts: once per request, never per event. */
@Injectable()
export class IntakeMetrics {
  readonly received: Counter<'kind'>;
  readonly rejected: Counter<'kind' | 'reason'>;
  readonly refusedRequests: Counter<'kind' | 'reason'>;
  readonly durationSeconds: Histogram<'kind'>;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.received = new Counter({
      name: 'plumbline_events_received_total',
      help: 'Events that arrived in requests which could be read, accepted or not',
      labelNames: ['kind'],
      registers,
    });
    this.rejected = new Counter({
      name: 'plumbline_events_rejected_total',
      help: 'Events refused, by what was wrong with them',
      labelNames: ['kind', 'reason'],
      registers,
    });
    this.refusedRequests = new Counter({
      name: 'plumbline_intake_requests_refused_total',
      help: 'Intake requests refused as a whole, by the reason',
      labelNames: ['kind', 'reason'],
      registers,
    });
    this.durationSeconds = new Histogram({
      name: 'plumbline_intake_duration_seconds',
      help: 'From the first byte of a request read to its events durable',
      labelNames: ['kind'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
  }
}
