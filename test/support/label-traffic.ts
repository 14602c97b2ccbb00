import type { LabelEvent, PredictionEvent } from '@plumbline/contracts';

export interface TrafficOptions {
  readonly model: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly perHour: number;
  /** Labels come up to this long after their prediction. */
  readonly latestLabelMs: number;
  /** Share of right answers at an instant. */
  readonly accuracyAt: (timestampMs: number) => number;
}

/** An event with the time at which it comes. */
export interface Arrival<T> {
  readonly atMs: number;
  readonly event: T;
}

export interface Traffic {
  readonly predictions: readonly Arrival<PredictionEvent>[];
  readonly labels: readonly Arrival<LabelEvent>[];
}

/** Returns numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HOUR_MS = 3_600_000;

/**
 * Predictions of a binary model, and their labels as they come in practice: most of them late, some before their prediction, some
 * twice or more, some wrong at first and corrected, the correction sometimes before what it corrects; one in ten never.
 */
export function labelTraffic(options: TrafficOptions, random: () => number): Traffic {
  const { model, startMs, endMs, perHour, latestLabelMs, accuracyAt } = options;
  const predictions: Arrival<PredictionEvent>[] = [];
  const labels: Arrival<LabelEvent>[] = [];
  const count = Math.round(((endMs - startMs) / HOUR_MS) * perHour);
  for (let i = 0; i < count; i++) {
    const timestampMs = Math.floor(startMs + ((i + random()) / count) * (endMs - startMs));
    const key = { project: 'p', model, predictionId: `${model}-${i}` };
    const predicted = random() < 0.4;
    const right = random() < accuracyAt(timestampMs);
    const early = random() < 0.1;
    const predictionAtMs = timestampMs + (early ? Math.floor(random() * 6 * HOUR_MS) : 0);
    predictions.push({
      atMs: predictionAtMs,
      event: {
        ...key,
        version: '1',
        timestampMs,
        features: { region: random() < 0.5 ? 'north' : 'south' },
        label: predicted ? '1' : '0',
        score: predicted ? 0.5 + random() / 2 : random() / 2,
        receivedAtMs: predictionAtMs,
      },
    });
    if (random() < 0.1) continue;
    const truth = predicted === right ? '1' : '0';
    const lateMs = Math.floor(Math.min(random(), random()) * latestLabelMs);
    const knownMs = early ? timestampMs + 1 : timestampMs + lateMs;
    const label = (atMs: number, timestampMs: number, value: string): void => {
      const arriveMs = Math.max(atMs, timestampMs);
      const event = { ...key, timestampMs, label: value, receivedAtMs: arriveMs };
      labels.push({ atMs: arriveMs, event });
      while (random() < 0.15) labels.push({ atMs: arriveMs + Math.floor(random() * latestLabelMs), event });
    };
    if (random() < 0.2) {
      const correctedMs = knownMs + 1 + Math.floor(random() * (timestampMs + latestLabelMs - knownMs));
      label(knownMs + Math.floor((random() * latestLabelMs) / 2), knownMs, truth === '1' ? '0' : '1');
      label(correctedMs, correctedMs, truth);
    } else {
      label(knownMs, knownMs, truth);
    }
  }
  return { predictions, labels };
}
