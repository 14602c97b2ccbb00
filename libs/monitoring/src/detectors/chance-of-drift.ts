import type { DriftMethod, ReferenceSeries } from '@plumbline/contracts';
import { coalesce } from '@plumbline/statistics';
import type { Chance, Distance, DriftMethodDefinition, SeriesPair } from './drift-methods.js';
import { nullOfDrift } from './null-of-drift.js';
import { singletons } from './population-weights.js';

/** Rows a bin must be expected to hold for the χ² distribution to be close in the far tail: at fewer, an empty bin is no rarity. */
const ROWS_PER_BIN = 5;

/** Rows of unseen categories to be expected of a window from which on they count. */
const FEWEST_UNSEEN = 0.5;

/** What chance explains of a distance, and from how many rows on it can be told from chance. */
export interface DriftChance extends Chance {
  /** Rows from which an effect of `threshold` is significant at level alpha. */
  minimumRows(threshold: number, alpha: number): number;
}

/**
 * Returns what chance alone gives of a measured distance: in closed form where there is one that holds for these counts, else from a
 * simulated distribution.
 */
export function chanceOfDrift(
  method: DriftMethod,
  definition: DriftMethodDefinition,
  pair: SeriesPair,
  distance: Distance,
): DriftChance {
  const { chance } = definition;
  if (chance !== undefined && !(restsOnBins(method) && isSparse(pair))) {
    return {
      ...chance(pair, distance),
      minimumRows: (threshold, alpha) => definition.minimumCurrent(threshold, alpha, pair),
    };
  }
  const rows = pair.current.n;
  const simulated = nullOfDrift(method, definition, pair.reference, rows);
  return {
    effect: simulated.beyondChance(distance.effectSize - distance.errorBound, rows),
    pValue: simulated.pValue(distance.effectSize, rows),
    // A window of a few rows may have no spread to speak of, which is no certainty.
    minimumRows: (threshold, alpha) =>
      Math.max(simulated.minimumRows(threshold, alpha), definition.minimumCurrent(threshold, alpha, pair)),
  };
}

/** Whether the closed form is the χ² distribution of counts over bins. The test of χ² pools small bins by itself. */
function restsOnBins(method: DriftMethod): boolean {
  return /^(psi|js|hellinger|kl|tv)/.test(method);
}

/**
 * Whether some bin is to hold too few rows of the window: one that the reference has little of, or the one of unseen categories when
 * the reference shows that more of them are to come.
 */
function isSparse({ reference, current }: SeriesPair): boolean {
  const windows = current.n / reference.n;
  const fewest = coarseCounts(reference).reduce(
    (least, count) => (count > 0 ? Math.min(least, count) : least),
    Infinity,
  );
  const unseen = reference.kind === 'numeric' ? 0 : singletons(reference);
  return fewest * windows < ROWS_PER_BIN || unseen * windows >= FEWEST_UNSEEN;
}

function coarseCounts({ kind, counts, decileEdgeIndexes }: ReferenceSeries): readonly number[] {
  return kind === 'numeric' ? coalesce(counts, decileEdgeIndexes) : counts;
}
