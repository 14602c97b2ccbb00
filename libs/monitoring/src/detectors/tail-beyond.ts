/** Share of the replicates that the tail is fitted to. */
const TAIL_SHARE = 0.1;
/** How heavy a fitted tail may be: at 0 it falls exponentially, as those of counts do. */
const LARGEST_SHAPE = 0.1;

/** The upper tail of a distribution known by replicates: those in order, and what continues them beyond the largest. */
export class TailBeyond {
  private readonly from: number;
  private readonly start: number;
  private readonly shape: number;
  private readonly width: number;

  /** @param ascending finite values of the replicates, in order; at least 20 */
  constructor(private readonly ascending: Float64Array) {
    const size = ascending.length;
    this.from = size - Math.floor(size * TAIL_SHARE);
    this.start = ascending[this.from - 1]!;
    // Probability-weighted moments of the excesses: b0 is their mean, b1 the mean weighted by how many lie above.
    const excesses = ascending.subarray(this.from).map((value) => value - this.start);
    const count = excesses.length;
    const mean = excesses.reduce((sum, excess) => sum + excess, 0) / count;
    const weighted = excesses.reduce((sum, excess, i) => sum + (excess * (count - 1 - i)) / (count - 1), 0) / count;
    const shape = 2 - mean / (mean - 2 * weighted);
    this.shape = mean > 0 ? Math.min(LARGEST_SHAPE, Math.max(0, shape)) : 0;
    this.width = mean * (1 - this.shape);
  }

  /**
   * Returns the probability of a value of at least this: the share of the replicates where enough of them lie there, else by the
   * generalised Pareto distribution fitted to the largest tenth. Never 0 from the replicates alone. Source: Pickands (1975); Hosking
   * & Wallis (1987) for the fit; Knijnenburg et al. (2009) for its use with few replicates.
   */
  probabilityOf(value: number): number {
    const size = this.ascending.length;
    if (!(value > this.start)) return (size - this.below(value) + 1) / (size + 1);
    const share = (size - this.from + 1) / (size + 1);
    if (this.width === 0) return share / (size - this.from + 1);
    const steps = (value - this.start) / this.width;
    return share * (this.shape === 0 ? Math.exp(-steps) : (1 + this.shape * steps) ** (-1 / this.shape));
  }

  /** Returns the value that is reached with probability `alpha`, the inverse of `probabilityOf`. */
  exceededBy(alpha: number): number {
    const size = this.ascending.length;
    const share = (size - this.from + 1) / (size + 1);
    if (alpha >= share) return this.ascending[Math.max(0, Math.min(size - 1, Math.ceil(size - alpha * (size + 1))))]!;
    const depth = share / alpha;
    const steps = this.shape === 0 ? Math.log(depth) : (depth ** this.shape - 1) / this.shape;
    return this.start + steps * this.width;
  }

  /** How many replicates lie below the value. */
  private below(value: number): number {
    let low = 0;
    let high = this.ascending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ascending[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
