import type { DriftMethod, ReferenceSeries } from '@plumbline/contracts';
import { CountDrawer } from './draw-counts.js';
import type { DriftMethodDefinition } from './drift-methods.js';
import { populationWeights } from './population-weights.js';
import { SeededRandom } from './seeded-random.js';
import { TailBeyond } from './tail-beyond.js';

const REPLICATES = 1_000;
/** A window of more rows is simulated with these: in units of 1/n + 1/m the distribution does not change any more. */
const MOST_ROWS = 4_096;

/**
 * How a distance grows with s = 1/n + 1/m when nothing drifted: as s; as its root, with an expectation that adds to its square; or as
 * its root, with one that adds to itself.
 */
type Growth = 'linear' | 'square' | 'root';

/** How the distance of a method grows when nothing drifted. */
export function growthOf(method: DriftMethod): Growth {
  if (/^(psi|kl|js\.divergence)/.test(method)) return 'linear';
  return /^(js|hellinger|chi2)/.test(method) ? 'square' : 'root';
}

/**
 * The distribution of a distance when nothing drifted, for windows of about so many rows: from replicates that are drawn around the
 * reference and measured as windows are. Deterministic: it depends on reference, method and rows alone.
 */
export class SimulatedNull {
  private readonly growth: Growth;
  /** Distance from the reference to the population that it speaks for: the part that does not shrink as windows grow. */
  private readonly offset: number;
  /** Of the distance (of its square unless it grows linearly) beyond the offset, divided by s. */
  private readonly tail: TailBeyond;
  private readonly expected: number;

  /** @param seed text that stands for method, reference and rows */
  constructor(
    method: DriftMethod,
    definition: DriftMethodDefinition,
    private readonly reference: ReferenceSeries,
    rows: number,
    seed: string,
  ) {
    this.growth = growthOf(method);
    const drawn = Math.min(rows, MOST_ROWS);
    const weights = populationWeights(reference);
    const drawer = new CountDrawer(weights, new SeededRandom(seed));
    const sizeOf = (counts: readonly number[]): number => {
      const { series, binSetId, min, max } = reference;
      const n = counts.reduce((sum, count) => sum + count, 0);
      // Where the values lie within their bins is not drawn.
      const moments = { sum: NaN, sumSquares: NaN, min, max };
      const current = { series, binSetId, n, missing: 0, invalid: 0, ...moments, counts };
      return definition.distance({ reference, current }).effectSize;
    };
    this.offset = sizeOf(weights);
    const scale = this.scale(drawn);
    const standard = Float64Array.from({ length: REPLICATES }, () =>
      this.standardise(sizeOf(drawer.draw(drawn)), scale),
    ).sort();
    this.tail = new TailBeyond(standard);
    const additive = this.growth === 'root' ? standard.map((each) => Math.sqrt(Math.max(0, each))) : standard;
    this.expected = additive.reduce((sum, each) => sum + each, 0) / REPLICATES;
  }

  /** Probability of an effect size of at least this in a window of `rows`. */
  pValue(effectSize: number, rows: number): number {
    return this.tail.probabilityOf(this.standardise(effectSize, this.scale(rows)));
  }

  /** The effect size without what chance adds to it on average. */
  beyondChance(effectSize: number, rows: number): number {
    const scale = this.scale(rows);
    const { growth, offset, expected } = this;
    switch (growth) {
      case 'linear':
        return effectSize - offset - expected * scale;
      case 'square':
        return Math.sqrt(Math.max(0, effectSize ** 2 - offset ** 2 - expected * scale));
      case 'root':
        return effectSize - Math.sqrt(offset ** 2 + expected ** 2 * scale);
    }
  }

  /** Rows from which an effect of `threshold` beyond chance has a p-value of at most alpha; Infinity: the reference is too small. */
  minimumRows(threshold: number, alpha: number): number {
    const critical = this.tail.exceededBy(alpha);
    const excess =
      this.growth === 'root' ? (Math.sqrt(Math.max(0, critical)) - this.expected) ** 2 : critical - this.expected;
    const budget = (this.growth === 'linear' ? threshold : threshold ** 2) / excess - 1 / this.reference.n;
    if (!(excess > 0)) return 1;
    return budget > 0 ? Math.max(1, Math.ceil(1 / budget)) : Infinity;
  }

  private scale(rows: number): number {
    return 1 / this.reference.n + 1 / rows;
  }

  private standardise(effectSize: number, scale: number): number {
    const { growth, offset } = this;
    return (growth === 'linear' ? effectSize - offset : effectSize ** 2 - offset ** 2) / scale;
  }
}
