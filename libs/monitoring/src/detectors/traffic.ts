import { type MonitorDeclaration, type TrafficMetric, trafficMetrics } from '@plumbline/contracts';
import { normalQuantile, wilsonInterval } from '@plumbline/statistics';
import { latencyQuantileMs } from '../cells/latency-bins.js';
import type { TrafficData } from '../windows/window-data.js';
import type { DetectorInput } from './detector-input.js';
import { lowestBound } from './lowest-bound.js';
import { inWords, percent } from './numbers-in-words.js';
import { type RawMeasurement, undefinedMeasurement } from './raw-measurement.js';

/** Confidence with which a rate or quantile must lie beyond its bound. */
const CONFIDENCE = 0.99;

/**
 * Measures volume, error rate and latency quantiles. They are compared with fixed bounds, not with the reference; the effect of a
 * rate or quantile is the lower end of its interval, so that one slow request of a hundred is no alarm.
 */
export function traffic({
  declaration,
  data,
}: DetectorInput<Extract<MonitorDeclaration, { detector: 'traffic' }>>): RawMeasurement[] {
  return trafficMetrics.map((metric) => ({
    ...undefinedMeasurement,
    feature: '',
    method: metric,
    threshold: declaration.thresholds[metric],
    ...measureMetric(metric, data.traffic, lowestBound(declaration.thresholds[metric])),
  }));
}

type Measured = Pick<RawMeasurement, 'nCurrent' | 'state' | 'finding'> & Partial<RawMeasurement>;

function measureMetric(metric: TrafficMetric, data: TrafficData, bound: number): Measured {
  switch (metric) {
    case 'volume':
      return volume(data);
    case 'error_rate':
      return errorRate(data, bound);
    case 'latency_p50_ms':
      return latency(data, 0.5);
    case 'latency_p95_ms':
      return latency(data, 0.95);
    case 'latency_p99_ms':
      return latency(data, 0.99);
  }
}

/**
 * How many predictions the service made. Of those that are sampled it is an estimate, and known up to the interval of a Horvitz–Thompson
 * total: whether too few came is judged by the upper end.
 */
function volume({ n, weight, weightSquares }: TrafficData): Measured {
  // A prediction of weight w is there with probability 1/w: it adds w² − w to the variance, and nothing where all are sent.
  const margin = -normalQuantile((1 - CONFIDENCE) / 2) * Math.sqrt(Math.max(0, weightSquares - weight));
  const measured = {
    value: weight,
    effect: weight + margin,
    errorBound: margin,
    nCurrent: n,
    state: 'measured',
  } as const;
  if (weightSquares === n) return { ...measured, finding: `${n} predictions came` };
  const finding = `${n} predictions came, which by their sample rates stand for ${inWords(weight)} (at most ${inWords(weight + margin)})`;
  return { ...measured, lower: Math.max(n, weight - margin), upper: weight + margin, finding };
}

function errorRate({ n, errors }: TrafficData, bound: number): Measured {
  if (n === 0) return { nCurrent: 0, state: 'no_data', finding: 'no predictions came' };
  const value = errors / n;
  const interval = wilsonInterval(errors, n, CONFIDENCE);
  // Rule of three: among fewer than 3/bound rows, none at fault says nothing about a rate of `bound`.
  const minimum = bound > 0 ? Math.ceil(3 / bound) : 1;
  const finding = `${errors} of ${n} predictions failed (${percent(value)})`;
  const measured = { ...interval, value, effect: interval.lower, errorBound: value - interval.lower, nCurrent: n };
  return n < minimum
    ? {
        ...measured,
        state: 'insufficient',
        finding: `${finding}; it takes ${minimum} to see a rate of ${percent(bound)}`,
      }
    : { ...measured, state: 'measured', finding };
}

function latency({ n, latencyCount, latencyBins }: TrafficData, q: number): Measured {
  const name = `latency p${inWords(q * 100)}`;
  if (n === 0) return { nCurrent: 0, state: 'no_data', finding: 'no predictions came' };
  if (latencyCount === 0) return { nCurrent: 0, state: 'insufficient', finding: 'no prediction came with a latency' };
  const value = latencyQuantileMs(latencyBins, q);
  // The q-quantile of the population lies between these quantiles of the sample: the normal approximation of the binomial.
  const margin = -normalQuantile((1 - CONFIDENCE) / 2) * Math.sqrt((q * (1 - q)) / latencyCount);
  const lower = latencyQuantileMs(latencyBins, Math.max(0, q - margin));
  const upper = latencyQuantileMs(latencyBins, Math.min(1, q + margin));
  const minimum = Math.ceil(1 / (1 - q) - 1e-9);
  const finding = `${name} is ${inWords(value)} ms (at least ${inWords(lower)} ms) on ${latencyCount} predictions`;
  const measured = { value, effect: lower, errorBound: value - lower, lower, upper, nCurrent: latencyCount };
  return latencyCount < minimum
    ? { ...measured, state: 'insufficient', finding: `${finding}; it takes ${minimum}` }
    : { ...measured, state: 'measured', finding };
}
