/** One call of publish: settles its promise when all of its records have been handled, in whatever batches and partitions. */
export class Publication {
  readonly settled: Promise<void>;
  private resolve!: () => void;
  private rejectWith!: (error: Error) => void;

  constructor(
    private unhandledRecords: number,
    readonly publishedAtMs: number,
  ) {
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.rejectWith = reject;
    });
  }

  /** Counts one record as durable. */
  handled(): void {
    this.unhandledRecords -= 1;
    if (this.unhandledRecords === 0) this.resolve();
  }

  /** Gives up: records handled before or after this are handled, but nobody is told. */
  reject(error: Error): void {
    this.rejectWith(error);
  }
}
