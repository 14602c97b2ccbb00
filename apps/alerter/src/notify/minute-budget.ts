const MINUTE_MS = 60_000;

/** Allows so many uses in any minute; what is beyond them is refused, not made to wait. */
export class MinuteBudget {
  private readonly usedAtMs: number[] = [];

  constructor(private readonly perMinute: number) {}

  /** Returns whether there is one left, and uses it. @param nowMs of a clock that is never set back */
  use(nowMs: number): boolean {
    while (this.usedAtMs.length > 0 && this.usedAtMs[0]! <= nowMs - MINUTE_MS) this.usedAtMs.shift();
    if (this.usedAtMs.length >= this.perMinute) return false;
    this.usedAtMs.push(nowMs);
    return true;
  }
}
