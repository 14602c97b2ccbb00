import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  type Configuration,
  createEventCodecs,
  type EventCodecs,
  type LabelEvent,
  type LabelRecord,
  type PredictionColumns,
  type PredictionRecord,
  type ReconcileRecord,
  recordKey,
  type SingleLabelRecord,
  type TimeRangeOfReceipt,
  timeRangeOfReceipt,
} from '@plumbline/contracts';
import {
  type DeadLetter,
  type DeadLetterKind,
  entityHasher,
  insertReconciliation,
  type ModelKey,
  Store,
} from '@plumbline/storage';
import { EventStream, type StreamBatch, StreamStaleError } from '@plumbline/stream';
import { CONFIGURATION, Logger } from '@plumbline/telemetry';
import { DeadLetters } from './dead-letters.js';
import { IncomingEvents } from './incoming-events.js';
import { IncomingPredictions } from './incoming-predictions.js';
import { IngesterMetrics } from './ingester.metrics.js';
import { LabelIngest } from './label-ingest.js';
import { ModelRegistry } from './model-registry.js';
import { markHours } from './mark-hours.js';
import { OwnedModels } from './owned-models.js';
import { PredictionIngest } from './prediction-ingest.js';
import type { Progress } from './progress.js';
import { Reconcile } from './reconcile.js';
import { RegisteredModels } from './registered-models.js';
import { sortingOf } from './sorting-of.js';

type IncomingLabels = IncomingEvents<LabelEvent, SingleLabelRecord>;

/** Takes predictions and labels off the stream and makes them durable: each is stored, a duplicate, or a dead letter. */
@Injectable()
export class IngesterService implements OnModuleInit {
  private readonly registry: ModelRegistry;
  private readonly predictions: PredictionIngest;
  private readonly labels: LabelIngest;
  private readonly reconcile: Reconcile;
  private readonly deadLetters: DeadLetters;
  private readonly registered: RegisteredModels;
  private readonly owned = new OwnedModels();
  private readonly codecs: EventCodecs;
  private readonly range: TimeRangeOfReceipt;

  constructor(
    private readonly store: Store,
    private readonly stream: EventStream,
    private readonly metrics: IngesterMetrics,
    private readonly logger: Logger,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {
    this.registry = new ModelRegistry(store, configuration.intake.maxFeatures);
    this.predictions = new PredictionIngest(store, this.registry);
    this.labels = new LabelIngest(store, this.registry);
    this.reconcile = new Reconcile(store, this.registry);
    this.deadLetters = new DeadLetters(store, stream);
    this.registered = new RegisteredModels(store);
    this.range = timeRangeOfReceipt(configuration.intake, Date.now);
    this.codecs = createEventCodecs({ configuration, hashEntity: entityHasher(configuration.entityHashKey) });
  }

  async onModuleInit(): Promise<void> {
    const options = { group: 'ingester' };
    await this.stream.subscribe('plumbline.predictions', (batch) => this.handlePredictions(batch), options);
    await this.stream.subscribe('plumbline.labels', (batch) => this.handleLabels(batch), options);
  }

  /** Events in front of a reconcile request are stored before it runs: it must see them. */
  private async handlePredictions(batch: StreamBatch<PredictionRecord>): Promise<void> {
    const start = (): IncomingPredictions =>
      new IncomingPredictions({
        ...this.incomingOptions('prediction', batch),
        encode: (record) => this.codecs['plumbline.predictions'].encode(record),
      });
    let incoming = start();
    let part = 0;
    for (const { value, offset, key } of batch.records) {
      if (value.type !== 'reconcile') {
        incoming.add({ value, offset, key });
        continue;
      }
      await this.ingestPredictions(incoming, `${batch.identity}:${part++}`, batch);
      incoming = start();
      await batch.heartbeat();
      await this.runReconcile(value, async () => batch.heartbeat());
      await batch.heartbeat();
    }
    await this.ingestPredictions(incoming, `${batch.identity}:${part}`, batch);
  }

  /** Labels in front of a reconcile request are stored before it goes on to the predictions, where cells are rebuilt. */
  private async handleLabels(batch: StreamBatch<LabelRecord>): Promise<void> {
    const start = (): IncomingLabels =>
      new IncomingEvents({
        ...this.incomingOptions('label', batch),
        encode: (record) => this.codecs['plumbline.labels'].encode(record),
      });
    let incoming = start();
    let part = 0;
    for (const { value, offset, key } of batch.records) {
      if (value.type !== 'reconcile') {
        incoming.add({ value, offset, key });
        continue;
      }
      await this.ingestLabels(incoming, `${batch.identity}:${part++}`);
      incoming = start();
      await batch.heartbeat();
      const reconcileKey = recordKey(value.project, value.model);
      const sizeBytes = 2 * reconcileKey.length;
      await this.stream.publish('plumbline.predictions', [{ key: reconcileKey, value, sizeBytes }]);
      await batch.heartbeat();
    }
    await this.ingestLabels(incoming, `${batch.identity}:${part}`);
  }

  private incomingOptions(kind: DeadLetterKind, { partition }: StreamBatch<unknown>) {
    return { kind, partition, range: this.range };
  }

  private async ingestPredictions(
    incoming: IncomingPredictions,
    identity: string,
    batch: StreamBatch<PredictionRecord>,
  ): Promise<void> {
    if (incoming.count === 0) return;
    const stop = this.metrics.batchSeconds.startTimer({ kind: 'prediction' });
    const models = await this.refuseUnregistered(incoming);
    const batchIdentity = `${identity}${sortingOf(incoming.letters)}`;
    for (const { project, model } of this.owned.newcomers(batch, models)) {
      this.registry.forgetRecent(project, model);
      this.predictions.forgetMarks(project, model);
    }
    const { columns } = incoming;
    const refused: DeadLetter[] = [];
    // A process that was stopped for longer than its session goes on where it was, and adds cells that its successor has counted
    // already. What begins as stale has nobody else to leave it to.
    const mayBecomeStale = !batch.isStale();
    const checkOwner = (): void => {
      if (mayBecomeStale && batch.isStale()) throw new StreamStaleError();
    };
    const result = await this.whileOwned(batch, columns, batchIdentity, () =>
      this.predictions.ingest(
        columns,
        batchIdentity,
        Date.now(),
        async (rows) => {
          for (const letter of incoming.lettersOf(rows)) refused.push(letter);
          await this.setAside(refused);
        },
        async () => batch.heartbeat(),
        checkOwner,
      ),
    );
    // Last: a batch that fails before is sorted anew on its next delivery, when a model may be registered.
    await this.setAside(incoming.letters);
    stop();
    this.metrics.stored.inc({ kind: 'prediction' }, result.stored);
    this.metrics.duplicates.inc(result.duplicates);
    this.count('prediction', incoming.count, [...incoming.letters, ...refused]);
  }

  private async ingestLabels(incoming: IncomingLabels, identity: string): Promise<void> {
    if (incoming.count === 0) return;
    const stop = this.metrics.batchSeconds.startTimer({ kind: 'label' });
    await this.refuseUnregistered(incoming);
    const { events } = incoming;
    const letters = [...incoming.letters];
    if (events.length > 0) {
      const refused = await this.labels.ingest(events, `${identity}${sortingOf(incoming.letters)}`, Date.now);
      letters.push(...incoming.lettersOf(refused));
    }
    await this.setAside(letters);
    stop();
    this.metrics.stored.inc({ kind: 'label' }, incoming.count - letters.length);
    this.count('label', incoming.count, letters);
  }

  /** Returns the models of the events that are left. */
  private async refuseUnregistered(
    incoming: IncomingPredictions | IncomingLabels,
  ): Promise<ReadonlyMap<string, ModelKey>> {
    if (this.configuration.intake.unknownModels === 'refuse') {
      incoming.refuseModels(await this.registered.missing(incoming.models));
    }
    return incoming.models;
  }

  /**
   * Stores predictions, and marks their hours once more when another process may have taken the partition meanwhile: it may have
   * compared the hours with raw before the cells of this one came.
   */
  private async whileOwned<T>(
    batch: StreamBatch<unknown>,
    columns: readonly PredictionColumns[],
    identity: string,
    store: () => Promise<T>,
  ): Promise<T> {
    const markAgain = (): Promise<void> => markHours(this.store, columns, `${identity}:stale`, Date.now());
    let result: T;
    try {
      result = await store();
    } catch (error) {
      // What is still owned is delivered again, and its hours are marked.
      if (batch.isStale()) await markAgain();
      throw error;
    }
    let owned = false;
    try {
      // After a long pause of this process only the heartbeat finds out.
      await batch.heartbeat();
      owned = !batch.isStale();
    } finally {
      if (!owned) await markAgain();
    }
    return result;
  }

  private async setAside(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length > 0) await this.deadLetters.write(letters, Date.now());
  }

  private count(kind: DeadLetterKind, consumed: number, letters: readonly DeadLetter[]): void {
    this.metrics.batchEvents.observe({ kind }, consumed);
    this.metrics.consumed.inc({ kind }, consumed);
    if (letters.length === 0) return;
    const counts = new Map<string, number>();
    for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    for (const [reason, count] of counts) this.metrics.deadLetters.inc({ kind, reason }, count);
    this.logger.warn(
      { kind, dead_letters: Object.fromEntries(counts) },
      'events cannot be stored and are set aside: plumbline dead-letters list',
    );
  }

  private async runReconcile({ project, model, requestId }: ReconcileRecord, progress: Progress): Promise<void> {
    const result = await this.reconcile.run(project, model, Date.now(), progress);
    this.predictions.forgetMarks(project, model);
    this.metrics.checkedHours.inc(result.checkedHours);
    this.metrics.rebuiltHours.inc(result.rebuiltHours);
    if (requestId !== undefined) await insertReconciliation(this.store, { project, model }, requestId, Date.now());
  }
}
