/**
 * Bytes that requests under way may hold in memory before the bound of the stream's queue applies to them. A single request is
 * always let in, however large: its own limits bound it.
 */
export class ByteBudget {
  private taken = 0;

  constructor(private readonly maxBytes: number) {}

  /** Whether there was room; what was taken must be given back. */
  take(bytes: number): boolean {
    if (this.taken > 0 && this.taken + bytes > this.maxBytes) return false;
    this.taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.taken -= bytes;
  }
}
