/** What a retraining target is asked for: the same on every attempt. */
export interface RetrainingRequest {
  /** The idempotency key. */
  readonly runId: string;
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly policy: string;
  /** A sentence a person can read. */
  readonly reason: string;
  readonly alertIds: readonly string[];
  readonly features: readonly string[];
  readonly requestedAtMs: number;
  /** Where the run is read, and where with `/status` the pipeline reports with an API key; a path when the server does not know its own address. */
  readonly runUrl: string;
  /** Where the pipeline reports without any key: the URL is signed, and so a secret of this run. */
  readonly callbackUrl: string;
}
