import { DAY_MS, DEMO_MODEL, LABEL_DELAY_DAYS } from './demo-plan.js';
import { predictLoan, type LoanModelVersion } from './loan-model.js';
import { drawApplication, type LoanWorld } from './loan-world.js';
import { SeededRandom } from './seeded-random.js';

/** A day of traffic in wire form, one JSON text per event. */
export interface DayOfTraffic {
  readonly predictions: readonly string[];
  /** Outcomes of this day's predictions, which arrive LABEL_DELAY_DAYS later. */
  readonly labels: readonly string[];
}

export interface DayRequest {
  readonly seed: number;
  /** From 1. */
  readonly day: number;
  readonly dayStartMs: number;
  readonly count: number;
  readonly version: LoanModelVersion;
  readonly world: LoanWorld;
}

/** Returns the traffic of a day; the same request gives the same events. */
export function trafficOfDay({ seed, day, dayStartMs, count, version, world }: DayRequest): DayOfTraffic {
  const random = new SeededRandom(seed + day);
  const predictions: string[] = [];
  const labels: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { features, repaid } = drawApplication(random, world);
    const { score, label } = predictLoan(features, version);
    const timestamp = dayStartMs + Math.floor(((index + random.uniform()) / count) * DAY_MS);
    const prediction_id = `day${day}-${index}`;
    const latency_ms = Number((35 * Math.exp(0.4 * random.normal())).toFixed(1));
    predictions.push(
      JSON.stringify({
        model: DEMO_MODEL,
        version,
        prediction_id,
        timestamp,
        features,
        prediction: { label, score },
        latency_ms,
      }),
    );
    labels.push(
      JSON.stringify({
        model: DEMO_MODEL,
        prediction_id,
        label: repaid ? '1' : '0',
        timestamp: timestamp + LABEL_DELAY_DAYS * DAY_MS,
      }),
    );
  }
  return { predictions, labels };
}

/** Returns the rows of a version's reference as NDJSON of flat objects: the features, `score`, `prediction` and `repaid`. */
export function referenceFile(seed: number, version: LoanModelVersion, world: LoanWorld, rows: number): string {
  const random = new SeededRandom(seed + 1_000 * Number(version));
  const lines: string[] = [];
  for (let index = 0; index < rows; index += 1) {
    const { features, repaid } = drawApplication(random, world);
    const { score, label } = predictLoan(features, version);
    lines.push(JSON.stringify({ ...features, score, prediction: label, repaid: repaid ? '1' : '0' }));
  }
  return `${lines.join('\n')}\n`;
}
