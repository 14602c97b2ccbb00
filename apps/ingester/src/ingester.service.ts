import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  type Configuration,
  type LabelEvent,
  type LabelRecord,
  type PredictionEvent,
  type PredictionRecord,
  type ReconcileRecord,
  recordKey,
} from '@plumbline/contracts';
import { insertReconciliation, Store } from '@plumbline/storage';
import { EventStream, type StreamBatch } from '@plumbline/stream';
import { CONFIGURATION, Logger } from '@plumbline/telemetry';
import { IngesterMetrics } from './ingester.metrics.js';
import { LabelIngest } from './label-ingest.js';
import { ModelRegistry } from './model-registry.js';
import { PredictionIngest } from './prediction-ingest.js';
import { Reconcile } from './reconcile.js';

/** Takes predictions and labels off the stream and makes them durable. */
@Injectable()
export class IngesterService implements OnModuleInit {
  private readonly predictions: PredictionIngest;
  private readonly labels: LabelIngest;
  private readonly reconcile: Reconcile;

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly metrics: IngesterMetrics,
    private readonly logger: Logger,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    const registry = new ModelRegistry(store, configuration.intake.maxFeatures);
    this.predictions = new PredictionIngest(store, registry);
    this.labels = new LabelIngest(store, registry);
    this.reconcile = new Reconcile(store, registry);
  }

  async onModuleInit(): Promise<void> {
    const options = { group: 'ingester' };
    await this.stream.subscribe('plumbline.predictions', (batch) => this.handlePredictions(batch), options);
    await this.stream.subscribe('plumbline.labels', (batch) => this.handleLabels(batch), options);
  }

  /** Events in front of a reconcile request are stored before it runs: it must see them. */
  private async handlePredictions(batch: StreamBatch<PredictionRecord>): Promise<void> {
    let events: PredictionEvent[] = [];
    let part = 0;
    for (const { value } of batch.records) {
      if (value.type === 'prediction') {
        events.push(value.event);
        continue;
      }
      if (value.type !== 'reconcile') continue; // TODO WIRE
      await this.ingest(events, `${batch.identity}:${part++}`);
      events = [];
      await batch.heartbeat();
      await this.runReconcile(value);
      await batch.heartbeat();
    }
    await this.ingest(events, `${batch.identity}:${part}`);
  }

  private async ingest(events: readonly PredictionEvent[], identity: string): Promise<void> {
    if (events.length === 0) return;
    const stop = this.metrics.batchSeconds.startTimer({ kind: 'prediction' });
    const result = await this.predictions.ingest(events, identity, Date.now());
    stop();
    this.metrics.batchEvents.observe({ kind: 'prediction' }, events.length);
    this.metrics.stored.inc({ kind: 'prediction' }, result.stored);
    this.metrics.duplicates.inc(result.duplicates);
    if (result.deadLetters > 0) {
      this.metrics.deadLetters.inc({ reason: 'rejected_by_engine' }, result.deadLetters);
      this.logger.error(
        { dead_letters: result.deadLetters },
        'the engine refused events; they are in the table dead_letter',
      );
    }
  }

  /** Labels in front of a reconcile request are stored before it goes on to the predictions, where cells are rebuilt. */
  private async handleLabels(batch: StreamBatch<LabelRecord>): Promise<void> {
    let labels: LabelEvent[] = [];
    let part = 0;
    for (const { value } of batch.records) {
      if (value.type === 'label') {
        labels.push(value.event);
        continue;
      }
      if (value.type !== 'reconcile') continue; // TODO WIRE
      await this.ingestLabels(labels, `${batch.identity}:${part++}`);
      labels = [];
      await batch.heartbeat();
      const key = recordKey(value.project, value.model);
      await this.stream.publish('plumbline.predictions', [{ key, value, sizeBytes: 2 * key.length }]);
      await batch.heartbeat();
    }
    await this.ingestLabels(labels, `${batch.identity}:${part}`);
  }

  private async ingestLabels(labels: readonly LabelEvent[], identity: string): Promise<void> {
    if (labels.length === 0) return;
    const stop = this.metrics.batchSeconds.startTimer({ kind: 'label' });
    await this.labels.ingest(labels, identity, Date.now);
    stop();
    this.metrics.batchEvents.observe({ kind: 'label' }, labels.length);
    this.metrics.stored.inc({ kind: 'label' }, labels.length);
  }

  private async runReconcile({ project, model, requestId }: ReconcileRecord): Promise<void> {
    const result = await this.reconcile.run(project, model, Date.now());
    this.predictions.forgetMarks(project, model);
    this.metrics.checkedHours.inc(result.checkedHours);
    this.metrics.rebuiltHours.inc(result.rebuiltHours);
    if (requestId !== undefined) await insertReconciliation(this.store, { project, model }, requestId, Date.now());
  }
}
