import type { PlumblineErrorReason } from './plumbline-error.js';

/**
 * What became of the events: `logged` = `accepted` + `rejected` + `dropped` + `spooled` + `sampledOut` + `filtered` + `queued`. Events of an earlier
 * process, found in the spool, count as logged when they are read.
 */
export interface Statistics {
  readonly logged: number;
  readonly accepted: number;
  /** Refused by the server, one by one. */
  readonly rejected: number;
  /** Lost here, for any of the reasons in `droppedByReason`. */
  readonly dropped: number;
  readonly droppedByReason: Readonly<Partial<Record<PlumblineErrorReason, number>>>;
  /** Left in the spool folder at the end, for the next process. */
  readonly spooled: number;
  /** Left out by `sampleRate`. */
  readonly sampledOut: number;
  /** Left out by `beforeSend`. */
  readonly filtered: number;
  /** Waiting now. */
  readonly queued: number;
  /** Bytes of JSON that wait in memory. */
  readonly queuedBytes: number;
  readonly requests: number;
  readonly retries: number;
}

/** Counts what becomes of events. */
export class Counters {
  logged = 0;
  accepted = 0;
  rejected = 0;
  spooled = 0;
  sampledOut = 0;
  filtered = 0;
  requests = 0;
  retries = 0;
  private readonly droppedByReason: Partial<Record<PlumblineErrorReason, number>> = {};

  drop(reason: PlumblineErrorReason, count: number): void {
    this.droppedByReason[reason] = (this.droppedByReason[reason] ?? 0) + count;
  }

  read(queued: number, queuedBytes: number): Statistics {
    const { logged, accepted, rejected, spooled, sampledOut, filtered, requests, retries } = this;
    const droppedByReason = { ...this.droppedByReason };
    const dropped = Object.values(droppedByReason).reduce((sum, count) => sum + count, 0);
    const counts = { logged, accepted, rejected, dropped, droppedByReason, spooled, sampledOut, filtered };
    return { ...counts, queued, queuedBytes, requests, retries };
  }
}
