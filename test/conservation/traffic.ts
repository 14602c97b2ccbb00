import { SeededRandom } from './seeded-random.js';

const HOUR_MS = 3_600_000;
const CITIES = ['Berlin', 'Hamburg', 'Köln', 'München', 'Ulm'] as const;
/** Hours of one cycle; the second half of each drifts, so that alerts fire and resolve again and again. */
const CYCLE_HOURS = 4;
/** Of every model, as text. */
export const POSITIVE_CLASS = '1';
export const REFERENCE_ROWS = 2_000;

export type Feature = number | string | boolean | null;

/** A model that traffic is made for. */
export interface TrafficModel {
  readonly name: string;
  readonly versions: readonly string[];
  /** Has a reference, declared monitors and a retraining policy; its alerts are compared with those of a run without faults. */
  readonly watched: boolean;
  /** Its events carry a time of their own. */
  readonly timed: boolean;
  readonly segment: string | undefined;
}

export const trafficModels: readonly TrafficModel[] = [
  { name: 'watched-a', versions: ['1'], watched: true, timed: true, segment: undefined },
  { name: 'watched-b', versions: ['1'], watched: true, timed: true, segment: 'germany' },
  { name: 'plain', versions: ['1', '2'], watched: false, timed: true, segment: 'germany' },
  { name: 'untimed', versions: ['1'], watched: false, timed: false, segment: undefined },
];

/** One prediction as the oracle knows it: what it sends, and what must be found in the store. */
export interface PredictionFacts {
  readonly id: string;
  readonly version: string;
  /** undefined: the server's time of receipt. */
  readonly timestampMs: number | undefined;
  /** Whether the time is sent, and not only part of the id (UUIDv7). */
  readonly sendsTime: boolean;
  /** A name that is absent is not sent; null is sent as null. */
  readonly features: Readonly<Record<string, Feature>>;
  readonly country: string;
  readonly label: string | undefined;
  readonly score: number | undefined;
  readonly latencyMs: number | undefined;
  readonly error: string;
  /** Some services send a sample; undefined: all. */
  readonly sampleRate: number | undefined;
}

/** One label as the oracle knows it. Edition 1 corrects edition 0. */
export interface LabelFacts {
  readonly predictionId: string;
  readonly label: string;
  readonly timestampMs: number;
}

export interface TrafficPlan {
  readonly seed: number;
  /** First hour of event time. */
  readonly startMs: number;
  readonly hours: number;
  /** Of each model. */
  readonly eventsPerHour: number;
}

/** Kinds of the features; the same for every model. */
export const featureKinds = { income: 'numeric', age: 'numeric', city: 'categorical', member: 'boolean' } as const;

/**
 * All predictions and labels of a run as pure functions of the seed: nothing has to be remembered of an event but whether it was
 * sent and acknowledged.
 */
export class Traffic {
  constructor(readonly plan: TrafficPlan) {}

  /** Predictions of one model. */
  get eventsPerModel(): number {
    return this.plan.hours * this.plan.eventsPerHour;
  }

  prediction(model: number, index: number): PredictionFacts {
    const { seed, startMs, eventsPerHour } = this.plan;
    const { name, versions, timed } = trafficModels[model]!;
    const random = new SeededRandom(seed, 1, model, index);
    const hour = Math.floor(index / eventsPerHour);
    // Some come hours late, which reopens windows that were evaluated before.
    const late = random.chance(0.06) ? random.integer(1, 6) : 0;
    const timeMs = startMs + Math.max(0, hour - late) * HOUR_MS + random.integer(0, HOUR_MS);
    const uuid = index % 16 === 5;
    const id = timed && uuid ? uuidV7(timeMs, random) : `${name}-${index}`;
    const drifted = isDrifted(hour);
    const features = featuresOf(random, drifted, timed ? 1 : 0);
    const failed = random.chance(0.01);
    const score = Math.round(Math.min(1, Math.max(0, random.normal(0.5, 0.22))) * 1e4) / 1e4;
    return {
      id,
      version: random.pick(versions),
      timestampMs: timed ? timeMs : undefined,
      sendsTime: timed && !uuid,
      features,
      country: random.pick(['DE', 'FR', 'AT']),
      label: failed ? undefined : score >= 0.5 ? '1' : '0',
      score: failed ? undefined : score,
      latencyMs: random.chance(0.9) ? random.integer(1, 400) : undefined,
      error: failed ? 'time-out' : '',
      sampleRate: random.chance(0.2) ? 0.25 : undefined,
    };
  }

  /** Editions of the label of a prediction: none, the truth, or a mistake and its correction. */
  labels(model: number, index: number): LabelFacts[] {
    const facts = this.prediction(model, index);
    const random = new SeededRandom(this.plan.seed, 2, model, index);
    if (facts.label === undefined || facts.timestampMs === undefined || random.chance(0.2)) return [];
    const drifted = isDrifted(Math.floor(index / this.plan.eventsPerHour));
    const right = random.chance(drifted ? 0.62 : 0.9);
    const label = right ? facts.label : facts.label === '1' ? '0' : '1';
    const corrected = random.chance(0.05);
    const first = facts.timestampMs + 1_000;
    const truth = { predictionId: facts.id, label, timestampMs: corrected ? first + 60_000 : first };
    if (!corrected) return [truth];
    return [{ predictionId: facts.id, label: label === '1' ? '0' : '1', timestampMs: first }, truth];
  }

  /** When a label is sent, in predictions of its model since its own: negative means before it. */
  labelLag(model: number, index: number, edition: number): number {
    const random = new SeededRandom(this.plan.seed, 3, model, index, edition);
    if (edition === 0 && random.chance(0.1)) return -random.integer(1, 150);
    return random.chance(0.1) ? random.integer(500, 2_000) : random.integer(10, 200);
  }

  /** A row of the reference of the watched models: the world without drift. */
  referenceRow(index: number): Record<string, Feature> {
    const random = new SeededRandom(this.plan.seed, 4, index);
    const score = Math.round(Math.min(1, Math.max(0, random.normal(0.5, 0.22))) * 1e4) / 1e4;
    const answer = score >= 0.5 ? '1' : '0';
    const truth = random.chance(0.9) ? answer : answer === '1' ? '0' : '1';
    return { ...featuresOf(random, false, 0), answer, score, truth };
  }
}

function isDrifted(hour: number): boolean {
  return hour % CYCLE_HOURS >= CYCLE_HOURS / 2;
}

/** @param faults 1: with values that are missing or of the wrong type; 0: without wrong types */
function featuresOf(random: SeededRandom, drifted: boolean, faults: 0 | 1): Record<string, Feature> {
  const features: Record<string, Feature> = {};
  features.income = random.chance(0.03)
    ? null
    : random.chance(0.01 * faults)
      ? 'n/a'
      : Math.round(random.normal(drifted ? 65 : 50, 10) * 100) / 100;
  if (!random.chance(0.04)) features.age = random.integer(18, 80);
  const unseen = random.chance(0.01 * faults);
  features.city = random.chance(0.02)
    ? null
    : unseen
      ? 'Atlantis'
      : CITIES[Math.floor(Math.pow(random.next(), drifted ? 0.4 : 1.6) * CITIES.length)]!;
  features.member = random.chance(0.4);
  return features;
}

/** A UUID of version 7 that carries the time. */
function uuidV7(timeMs: number, random: SeededRandom): string {
  const hex = (digits: number): string =>
    random
      .integer(0, 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
}

/** The prediction as a service writes it. */
export function wireOfPrediction(model: string, facts: PredictionFacts): object {
  return {
    model,
    ...(facts.version === '1' ? {} : { version: facts.version }),
    prediction_id: facts.id,
    ...(facts.sendsTime ? { timestamp: facts.timestampMs } : {}),
    features: facts.features,
    ...(facts.label === undefined ? {} : { prediction: { label: Number(facts.label), score: facts.score } }),
    ...(facts.latencyMs === undefined ? {} : { latency_ms: facts.latencyMs }),
    ...(facts.error === '' ? {} : { error: facts.error }),
    tags: { country: facts.country },
    ...(facts.sampleRate === undefined ? {} : { sample_rate: facts.sampleRate }),
  };
}

export function wireOfLabel(model: string, facts: LabelFacts): object {
  return {
    model,
    prediction_id: facts.predictionId,
    label: Number(facts.label),
    timestamp: new Date(facts.timestampMs).toISOString(),
  };
}
