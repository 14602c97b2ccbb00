import type { SeededRandom } from './seeded-random.js';

/**
 * Draws rows from shares that are themselves drawn around the counts of a reference: what windows of undrifted data look like to
 * somebody who knows the population from this sample only. So the sampling error of the reference is in it.
 */
export class CountDrawer {
  private readonly shares: Float64Array;
  private readonly probability: Float64Array;
  private readonly alias: Int32Array;
  private readonly small: Int32Array;
  private readonly large: Int32Array;

  /** @param weights of the bins: rows of the reference, and what stands for values it does not hold; not all 0 */
  constructor(
    private readonly weights: readonly number[],
    private readonly random: SeededRandom,
  ) {
    const bins = weights.length;
    this.shares = new Float64Array(bins);
    this.probability = new Float64Array(bins);
    this.alias = new Int32Array(bins);
    this.small = new Int32Array(bins);
    this.large = new Int32Array(bins);
  }

  /** Returns how `rows` rows fall into the bins. */
  draw(rows: number): number[] {
    const { weights, random, shares } = this;
    let total = 0;
    weights.forEach((weight, bin) => (total += shares[bin] = random.gamma(weight)));
    this.fillTable(total);
    const { probability, alias } = this;
    const bins = weights.length;
    const counts = new Array<number>(bins).fill(0);
    for (let row = 0; row < rows; row++) {
      const place = random.next() * bins;
      // Rounds down: the place is never negative.
      const bin = place | 0;
      counts[place - bin < probability[bin]! ? bin : alias[bin]!]!++;
    }
    return counts;
  }

  /** Two bins per place, so that a draw costs the same whatever their number. Source: Walker's alias method, Vose (1991). */
  private fillTable(total: number): void {
    const { shares, probability, alias, small, large } = this;
    const bins = shares.length;
    let [smalls, larges] = [0, 0];
    for (let bin = 0; bin < bins; bin++) {
      shares[bin] = (shares[bin]! * bins) / total;
      if (shares[bin]! < 1) small[smalls++] = bin;
      else large[larges++] = bin;
    }
    while (smalls > 0 && larges > 0) {
      const less = small[--smalls]!;
      const more = large[--larges]!;
      probability[less] = shares[less]!;
      alias[less] = more;
      shares[more]! -= 1 - shares[less]!;
      if (shares[more]! < 1) small[smalls++] = more;
      else large[larges++] = more;
    }
    // What is left differs from 1 by rounding only.
    while (larges > 0) probability[large[--larges]!] = 1;
    while (smalls > 0) probability[small[--smalls]!] = 1;
  }
}
