import { type Threshold, withoutLabels } from '@plumbline/contracts';

/** What a detector makes of one series before the family of a window is judged together. NaN: not defined here. */
export interface RawMeasurement {
  /** "" for the whole model. */
  readonly feature: string;
  /** Drift method id or name of a metric. */
  readonly method: string;
  readonly value: number;
  /** What is compared with the threshold: the value minus its error bound and minus its expectation under no drift. */
  readonly effect: number;
  readonly errorBound: number;
  /** Probability of such a value by chance; NaN for a metric that is compared with its threshold alone. */
  readonly pValue: number;
  readonly lower: number;
  readonly upper: number;
  /** Of the labels, as in Measurement. */
  readonly coverage: number;
  readonly lagP50Ms: number;
  readonly lagP95Ms: number;
  readonly finalFromMs: number;
  readonly nReference: number;
  readonly nCurrent: number;
  readonly nMissing: number;
  readonly referenceId: string;
  /** undefined: recorded only. */
  readonly threshold: Threshold | undefined;
  /** Whether the value can be judged: only `measured` can breach. */
  readonly state: 'measured' | 'insufficient' | 'no_reference' | 'no_data' | 'error';
  /** What was found, or what stands in the way: the first half of the sentence that explains the verdict. */
  readonly finding: string;
}

/** A raw measurement with what it was made of. */
export interface PlacedMeasurement extends RawMeasurement {
  readonly version: string;
  readonly segment: string;
  /** Start of the data used: before the start of the window where it was widened. */
  readonly dataStartMs: number;
}

/** The parts of a raw measurement that most detectors leave undefined. */
export const undefinedMeasurement = {
  value: NaN,
  effect: NaN,
  errorBound: NaN,
  pValue: NaN,
  lower: NaN,
  upper: NaN,
  ...withoutLabels,
  nReference: 0,
  nCurrent: 0,
  nMissing: 0,
  referenceId: '',
  threshold: undefined,
} as const satisfies Partial<RawMeasurement>;
