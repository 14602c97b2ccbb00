import { Injectable } from '@nestjs/common';
import { Metrics } from '@plumbline/telemetry';
import { Counter, Histogram } from 'prom-client';

/** Per batch: events consumed, which are stored ones, duplicates and dead letters; size and duration. */
@Injectable()
export class IngesterMetrics {
  readonly consumed: Counter<'kind'>;
  readonly stored: Counter<'kind'>;
  readonly duplicates: Counter;
  readonly deadLetters: Counter<'kind' | 'reason'>;
  readonly batchEvents: Histogram<'kind'>;
  readonly batchSeconds: Histogram<'kind'>;
  readonly checkedHours: Counter;
  readonly rebuiltHours: Counter;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.consumed = new Counter({
      name: 'plumbline_events_consumed_total',
      help: 'Events taken off the stream; each is ingested, a duplicate or a dead letter, and those three add up to this',
      labelNames: ['kind'],
      registers,
    });
    this.stored = new Counter({
      name: 'plumbline_events_ingested_total',
      help: 'Events stored, without duplicates',
      labelNames: ['kind'],
      registers,
    });
    this.duplicates = new Counter({
      name: 'plumbline_duplicate_predictions_total',
      help: 'Predictions recognised as sent before, and not counted again',
      registers,
    });
    this.deadLetters = new Counter({
      name: 'plumbline_dead_letters_total',
      help: 'Events that could not be stored and were set aside',
      labelNames: ['kind', 'reason'],
      registers,
    });
    this.batchEvents = new Histogram({
      name: 'plumbline_ingest_batch_events',
      help: 'Events per ingested batch',
      labelNames: ['kind'],
      buckets: [1, 10, 100, 1_000, 5_000, 20_000, 50_000],
      registers,
    });
    this.batchSeconds = new Histogram({
      name: 'plumbline_ingest_batch_seconds',
      help: 'Time to make a batch durable',
      labelNames: ['kind'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.checkedHours = new Counter({
      name: 'plumbline_reconcile_checked_hours_total',
      help: 'Hours of cells compared with raw rows',
      registers,
    });
    this.rebuiltHours = new Counter({
      name: 'plumbline_reconcile_rebuilt_hours_total',
      help: 'Hours of cells that differed from raw rows, or whose bins changed, and were rebuilt',
      registers,
    });
  }
}
