import type { PendingPublication } from './send-lane.js';
import { StreamUnavailableError } from '../stream-error.js';

/** One call of publish: settles when the brokers have acknowledged all of its messages, or when they take too long. */
export class TimedPublication implements PendingPublication {
  readonly settled: Promise<void>;
  isSettled = false;
  private resolve!: () => void;
  private rejectWith!: (error: Error) => void;
  private readonly timer: NodeJS.Timeout;

  /** @param onTimeout called after the promise has been rejected because the time is over */
  constructor(
    private unacknowledged: number,
    timeoutMs: number,
    onTimeout: () => void,
  ) {
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.rejectWith = reject;
    });
    this.timer = setTimeout(() => {
      this.reject(
        new StreamUnavailableError(`the Kafka brokers have not acknowledged the records within ${timeoutMs} ms`),
      );
      onTimeout();
    }, timeoutMs);
  }

  acknowledged(): void {
    this.unacknowledged -= 1;
    if (this.unacknowledged === 0) this.settle(this.resolve);
  }

  reject(error: Error): void {
    this.settle(() => this.rejectWith(error));
  }

  private settle(settlement: () => void): void {
    if (this.isSettled) return;
    this.isSettled = true;
    clearTimeout(this.timer);
    settlement();
  }
}
