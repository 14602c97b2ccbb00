import type { SeededRandom } from './seeded-random.js';
import { type LabelFacts, type PredictionFacts, type Traffic, trafficModels } from './traffic.js';

/** Names one event: the model and the prediction by number, and of a label which edition it is. */
export interface EventRef {
  readonly model: number;
  readonly index: number;
  readonly edition: number;
}

/** Events that are sent together. */
export interface Batch {
  readonly kind: 'prediction' | 'label';
  readonly events: readonly EventRef[];
}

/** What is known of an event: 0 not sent, 1 sent, 2 acknowledged. */
class Knowledge {
  private states = new Uint8Array(1024);

  get(index: number): number {
    return this.states[index] ?? 0;
  }

  raise(index: number, state: number): void {
    if (index >= this.states.length) {
      const larger = new Uint8Array(Math.max(index + 1, this.states.length * 2));
      larger.set(this.states);
      this.states = larger;
    }
    if (this.states[index]! < state) this.states[index] = state;
  }

  count(state: number): number {
    return this.states.reduce((sum, each) => sum + (each >= state ? 1 : 0), 0);
  }
}

const SENT = 1;
const ACKNOWLEDGED = 2;
/** Acknowledged batches that may be sent again on purpose. */
const REMEMBERED_BATCHES = 200;
/** How far ahead of its prediction a label may be sent. */
const LOOKAHEAD = 150;

/**
 * Issues events, and remembers exactly what was sent and what was acknowledged. Events whose outcome is not known come back with
 * the same ids, and some that were acknowledged are issued again on purpose.
 */
export class Oracle {
  private readonly next: number[] = trafficModels.map(() => 0);
  private readonly labelled: number[] = trafficModels.map(() => 0);
  private readonly predictions = trafficModels.map(() => new Knowledge());
  /** By edition. */
  private readonly labels = trafficModels.map(() => [new Knowledge(), new Knowledge()]);
  /** Labels to send once the predictions of their model have come so far. */
  private readonly dueLabels = trafficModels.map(() => new Map<number, EventRef[]>());
  private readonly unsettled: Batch[] = [];
  private readonly settled: Batch[] = [];
  private resent = 0;

  constructor(
    readonly traffic: Traffic,
    private readonly random: SeededRandom,
  ) {}

  /** The next thing to send; undefined when `limit` of the predictions or the plan are used up and nothing waits. */
  take(limit = Infinity): Batch | undefined {
    const { random } = this;
    if (this.unsettled.length > 0 && random.chance(0.6)) return this.again();
    if (this.settled.length > 0 && random.chance(0.06)) return this.repetition();
    if (random.chance(0.35)) {
      const labels = this.takeLabels(false);
      if (labels !== undefined) return labels;
    }
    return (this.issued < limit ? this.takePredictions() : undefined) ?? this.takeLabels(false) ?? this.again();
  }

  /** What has been sent without an answer, or has not been sent yet although it should have been; undefined when all is settled. */
  takeRest(): Batch | undefined {
    return this.again() ?? this.takePredictions() ?? this.takeLabels(true);
  }

  /** Something acknowledged, to be sent again in another order; undefined when there is nothing. */
  repetition(): Batch | undefined {
    const batch = this.settled[this.random.integer(0, this.settled.length)];
    if (batch === undefined) return undefined;
    this.resent++;
    return { ...batch, events: this.random.shuffled(batch.events) };
  }

  /** Notes that the batch is on its way: from here on its events may be stored. */
  sent({ kind, events }: Batch): void {
    for (const event of events) this.knowledge(kind, event).raise(event.index, SENT);
  }

  acknowledged(batch: Batch): void {
    for (const event of batch.events) this.knowledge(batch.kind, event).raise(event.index, ACKNOWLEDGED);
    if (this.settled.length < REMEMBERED_BATCHES) this.settled.push(batch);
    else this.settled[this.random.integer(0, REMEMBERED_BATCHES)] = batch;
  }

  /** Notes that nobody knows what became of the batch. */
  unknown(batch: Batch): void {
    this.unsettled.push(batch);
  }

  wasSent(model: number, index: number): boolean {
    return this.predictions[model]!.get(index) >= SENT;
  }

  wasAcknowledged(model: number, index: number): boolean {
    return this.predictions[model]!.get(index) >= ACKNOWLEDGED;
  }

  /** Predictions of a model that were taken to be sent. */
  issuedOf(model: number): number {
    return this.next[model]!;
  }

  get issued(): number {
    return this.next.reduce((sum, count) => sum + count, 0);
  }

  get acknowledgedPredictions(): number {
    return this.predictions.reduce((sum, each) => sum + each.count(ACKNOWLEDGED), 0);
  }

  get acknowledgedLabels(): number {
    return this.labels.flat().reduce((sum, each) => sum + each.count(ACKNOWLEDGED), 0);
  }

  /** Batches sent again although they were acknowledged. */
  get repetitions(): number {
    return this.resent;
  }

  /** The label that holds for a prediction: the last edition that was sent; undefined when none was. */
  labelOf(model: number, index: number): LabelFacts | undefined {
    const editions = this.traffic.labels(model, index);
    for (let edition = editions.length - 1; edition >= 0; edition--) {
      if (this.labels[model]![edition]!.get(index) >= SENT) return editions[edition];
    }
    return undefined;
  }

  /** Indexes of a model up to here may have a label that was sent. */
  labelsUpTo(model: number): number {
    return this.labelled[model]!;
  }

  factsOf({ model, index }: EventRef): PredictionFacts {
    return this.traffic.prediction(model, index);
  }

  private knowledge(kind: Batch['kind'], { model, edition }: EventRef): Knowledge {
    return kind === 'prediction' ? this.predictions[model]! : this.labels[model]![edition]!;
  }

  private again(): Batch | undefined {
    return this.unsettled.shift();
  }

  private takePredictions(): Batch | undefined {
    const { random } = this;
    const open = trafficModels.map((_, model) => model).filter((model) => this.next[model]! < this.limitOf(model));
    if (open.length === 0) return undefined;
    const events: EventRef[] = [];
    // Most requests are of one service; some gateways send those of several.
    for (let parts = random.chance(0.2) ? 2 : 1; parts > 0; parts--) {
      // The model that is furthest behind is the likeliest, so that all advance together.
      const model = random.chance(0.5)
        ? random.pick(open)
        : open.reduce((a, b) => (this.next[a]! <= this.next[b]! ? a : b));
      const from = this.next[model]!;
      const to = Math.min(this.limitOf(model), from + random.integer(1, 60));
      for (let index = from; index < to; index++) events.push({ model, index, edition: 0 });
      this.next[model] = to;
      this.scheduleLabels(model, to + LOOKAHEAD);
    }
    return { kind: 'prediction', events: random.chance(0.3) ? random.shuffled(events) : events };
  }

  /** The model without times is a sideshow: its hours are those of the run. */
  private limitOf(model: number): number {
    const { eventsPerModel } = this.traffic;
    return trafficModels[model]!.timed ? eventsPerModel : Math.ceil(eventsPerModel / 4);
  }

  private scheduleLabels(model: number, upTo: number): void {
    const due = this.dueLabels[model]!;
    const end = Math.min(upTo, this.limitOf(model));
    for (let index = this.labelled[model]!; index < end; index++) {
      this.traffic.labels(model, index).forEach((_, edition) => {
        const at = index + this.traffic.labelLag(model, index, edition);
        due.set(at, [...(due.get(at) ?? []), { model, index, edition }]);
      });
    }
    this.labelled[model] = Math.max(end, this.labelled[model]!);
  }

  /** @param all also those whose time has not come */
  private takeLabels(all: boolean): Batch | undefined {
    const events: EventRef[] = [];
    const most = this.random.integer(1, 80);
    for (const [model, due] of this.dueLabels.entries()) {
      for (const [at, labels] of due) {
        if (events.length >= most) break;
        if (!all && at > this.next[model]!) continue;
        events.push(...labels);
        due.delete(at);
      }
    }
    if (events.length === 0) return undefined;
    // Two editions of one label in one request: the order must not matter.
    return { kind: 'label', events: this.random.shuffled(events) };
  }
}
