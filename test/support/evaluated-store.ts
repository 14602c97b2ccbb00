import {
  configurationSchema,
  type LabelEvent,
  modelDeclarationSchema,
  type MonitorDeclaration,
  monitorDeclarationSchema,
  type PredictionEvent,
} from '@plumbline/contracts';
import { migrate, saveModel, saveMonitor, saveReference, Store } from '@plumbline/storage';
import { InProcessEventStream } from '@plumbline/stream';
import { createLogger, Metrics } from '@plumbline/telemetry';
import { EvaluationService } from '../../apps/evaluator/src/evaluation.service.js';
import { EvaluatorMetrics } from '../../apps/evaluator/src/evaluator.metrics.js';
import { LabelIngest } from '../../apps/ingester/src/label-ingest.js';
import { ModelRegistry } from '../../apps/ingester/src/model-registry.js';
import { Reconcile } from '../../apps/ingester/src/reconcile.js';
import { EventIngest } from './event-ingest.js';

const PROJECT = 'p';
const logger = createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } });

/** What ended the work of a process, in place of a kill. */
export class Stopped extends Error {}

/**
 * Ingest, reconcile and evaluation on an engine of their own, by a clock that the test moves: everything between the stream and
 * the alerts, as in one process.
 */
export class EvaluatedStore {
  private static readonly opened = new Set<EvaluatedStore>();
  private nowMs = 0;
  private batches = 0;
  private insertsLeft = Infinity;
  private end!: () => void;
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  private constructor(
    readonly store: Store,
    private readonly dataDir: string,
    private readonly stream: InProcessEventStream,
    private readonly predictions: EventIngest,
    private readonly labels: LabelIngest,
    private readonly evaluation: EvaluationService,
    private readonly run: number,
  ) {}

  /** @param run tells the batches of one process of the folder from those of the next */
  static async open(dataDir: string, run = 0): Promise<EvaluatedStore> {
    const store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, 1);
    const configuration = configurationSchema.parse({});
    const stream = new InProcessEventStream({ ...configuration.stream, onHandlerError: () => undefined });
    const registry = new ModelRegistry(store, 100);
    const reconcile = new Reconcile(store, registry);
    const predictions = new EventIngest(store, registry);
    await stream.subscribe('plumbline.ticks', async () => undefined, { group: 'evaluator' });
    await stream.subscribe('plumbline.transitions', async () => undefined, { group: 'alerter' });
    await stream.subscribe(
      'plumbline.labels',
      async ({ records }) => {
        for (const { value } of records) {
          if (value.type !== 'reconcile') continue;
          await reconcile.run(value.project, value.model, opened.nowMs);
          predictions.forgetMarks(value.project, value.model);
        }
      },
      { group: 'ingester' },
    );
    const metrics = new EvaluatorMetrics(new Metrics({ version: 't' }));
    const opened: EvaluatedStore = new EvaluatedStore(
      store,
      dataDir,
      stream,
      predictions,
      new LabelIngest(store, registry),
      new EvaluationService(store, stream, logger, metrics, configuration),
      run,
    );
    opened.countInserts();
    this.opened.add(opened);
    return opened;
  }

  /** A model whose reference was right in `accuracy` of its rows. */
  async declare(model: string, declaration: object, monitors: Record<string, object>, accuracy: number): Promise<void> {
    const common = { project: PROJECT, model, updatedAtMs: 1, updatedBy: 't' };
    const parsed = modelDeclarationSchema.parse({ task: 'binary', default_monitors: false, ...declaration });
    await saveModel(this.store, { ...common, declaration: parsed, origin: 'declared' });
    for (const [monitor, values] of Object.entries(monitors)) {
      const declared: MonitorDeclaration = monitorDeclarationSchema.parse(values);
      await saveMonitor(this.store, { ...common, monitor, declaration: declared });
    }
    await saveReference(this.store, {
      ...{ project: PROJECT, model, version: '1', referenceId: `ref-${model}`, createdAtMs: 1, createdBy: 't' },
      ...{ source: 'test', n: 30_000, series: [], performance: { accuracy } },
    });
  }

  async ingest(predictions: readonly PredictionEvent[], labels: readonly LabelEvent[], nowMs: number): Promise<void> {
    this.nowMs = nowMs;
    const identity = `batch-${this.run}-${this.batches++}`;
    if (predictions.length > 0) await this.predictions.ingest(predictions, `${identity}-p`, nowMs);
    if (labels.length > 0) await this.labels.ingest(labels, `${identity}-l`, () => nowMs);
  }

  /** Evaluates what is due. @throws Stopped */
  async tick(nowMs: number): Promise<void> {
    this.nowMs = nowMs;
    // What comes of work that goes on after the stop is of no interest; the stream would try a handler again for ever.
    const work = this.evaluation.evaluateDue(nowMs, new AbortController().signal).catch((error: unknown) => {
      if (!this.stopped) throw error;
    });
    await Promise.race([work, this.ended]);
    if (this.stopped) throw new Stopped();
  }

  /** Has the process stop after so many more inserts, wherever that is: nothing is written any more. */
  stopAfter(inserts: number): void {
    this.insertsLeft = inserts;
  }

  get stopped(): boolean {
    return this.insertsLeft < 0;
  }

  /** The next process on the same folder, which knows nothing but what is stored. */
  async restart(): Promise<EvaluatedStore> {
    await this.close();
    return EvaluatedStore.open(this.dataDir, this.run + 1);
  }

  /** Closes what a test left open. */
  static async closeAll(): Promise<void> {
    for (const each of this.opened) await each.close();
  }

  async close(): Promise<void> {
    EvaluatedStore.opened.delete(this);
    await this.stream.stop();
    await this.store.close();
  }

  private countInserts(): void {
    const insert = this.store.insert.bind(this.store);
    this.store.insert = async (table, rows, token) => {
      if (this.insertsLeft-- <= 0) {
        this.end();
        throw new Stopped();
      }
      await insert(table, rows, token);
    };
  }
}
