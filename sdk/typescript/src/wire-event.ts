/** What a feature may be. NaN counts as missing, an infinite number as invalid. */
export type FeatureValue = number | string | boolean | null;

/** A class, as the model answers it. */
export type ClassValue = string | number | boolean;

export interface PredictionOutput {
  /** The predicted class. */
  readonly label?: ClassValue | undefined;
  /** The predicted number, of a regression. */
  readonly value?: number | undefined;
  /** Probability of the positive class, of a binary model. */
  readonly score?: number | undefined;
  /** Probability of each class. */
  readonly scores?: Readonly<Record<string, number>> | undefined;
}

/** A prediction on the wire, and what `beforeSend` sees of it. */
export interface WirePrediction {
  model: string;
  version?: string;
  prediction_id: string;
  /** Milliseconds since 1970, or ISO 8601 with a zone. */
  timestamp: number | string;
  features: Record<string, FeatureValue | bigint | Date | undefined>;
  prediction?: PredictionOutput;
  latency_ms?: number;
  error?: string | boolean;
  tags?: Record<string, string>;
  entity_id?: string;
  trace_id?: string;
  /** Part of the predictions that is kept: this one stands for 1 / sample_rate of them. */
  sample_rate?: number;
}

/** A label on the wire, and what `beforeSend` sees of it. */
export interface WireLabel {
  model: string;
  prediction_id: string;
  label?: ClassValue;
  value?: number;
  timestamp: number | string;
  weight?: number;
}

export type WireEvent = WirePrediction | WireLabel;
