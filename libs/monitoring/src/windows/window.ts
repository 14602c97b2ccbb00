/** A half-open interval of event time: [startMs, endMs). */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}
