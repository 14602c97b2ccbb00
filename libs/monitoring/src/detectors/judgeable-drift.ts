import type { DriftMethod, ReferenceSeries, ReferenceThreshold, Threshold } from '@plumbline/contracts';
import type { SeriesData } from '../windows/window-data.js';
import type { DriftChance } from './chance-of-drift.js';
import type { Distance, DriftMethodDefinition, SeriesPair } from './drift-methods.js';
import { lowestBound } from './lowest-bound.js';
import { inWords } from './numbers-in-words.js';
import { growthOf } from './simulated-null.js';
import { type ChunkThreshold, FEWEST_CHUNKS, restsOnChunks, spreadOverChunks } from './spread-over-chunks.js';

/** A measured distance with all that its verdict rests on. */
interface MeasuredDrift {
  readonly method: DriftMethod;
  readonly definition: DriftMethodDefinition;
  readonly pair: SeriesPair;
  readonly distance: Distance;
  readonly chance: DriftChance;
  readonly declared: ReferenceThreshold;
}

/** What is compared with what, and whether there is enough data to do so. */
interface JudgeableDrift {
  readonly threshold: Threshold;
  readonly effect: number;
  readonly enough: boolean;
  /** What is missing; "" when nothing is. */
  readonly lacking: string;
}

/** A calibrated bound is of use from here on; it says nothing of fewer. */
const ROWS_OF_AUTO = 50;
/** Chunks say what windows of their size do, and scaled by what chance adds what smaller ones do; not what one of a few rows does. */
const SMALLEST_SHARE_OF_CHUNK = 0.1;

/**
 * Returns the bounds in force for a measured distance, the effect that is compared with them, and whether the rows suffice.
 * - static: the effect beyond chance and bins, from the rows on from which an effect of the bound is significant;
 * - over chunks: the distance as it is, for the chunks hold what chance gives;
 * - auto: the smallest effect beyond chance that is significant with these rows.
 * @param alpha level of this series
 * @throws RangeError when the reference has no chunks to take bounds from
 */
export function judgeable(drift: MeasuredDrift, alpha: number): JudgeableDrift {
  const { declared, chance, pair } = drift;
  const rows = pair.current.n;
  if (restsOnChunks(declared)) return overChunks(drift, declared);
  if (declared.kind === 'auto') {
    const warning = smallestSignificant(chance, alpha, rows);
    const threshold = { warning, ...(declared.critical === undefined ? {} : { critical: declared.critical }) };
    return { threshold, effect: chance.effect, ...enoughRows(rows, ROWS_OF_AUTO, 'to calibrate a bound') };
  }
  const threshold = boundsInView(declared);
  const lowest = lowestBound(threshold);
  const minimum = chance.minimumRows(lowest, alpha);
  return { threshold, effect: chance.effect, ...enoughRows(rows, minimum, `to tell ${inWords(lowest)} from chance`) };
}

/** Bounds that can be stated before anything is measured; NaN for those that cannot. */
export function boundsInView({ kind, critical, ...rest }: ReferenceThreshold): Threshold {
  const isStatic = kind === undefined || kind === 'static';
  const stated = 'warning' in rest && rest.warning !== undefined ? { warning: isStatic ? rest.warning : NaN } : {};
  const warning = kind === 'auto' ? { warning: NaN } : stated;
  if (critical === undefined) return warning;
  return { ...warning, critical: isStatic || kind === 'auto' ? critical : NaN };
}

function overChunks({ method, definition, pair, distance }: MeasuredDrift, declared: ChunkThreshold): JudgeableDrift {
  const { reference, current } = pair;
  const chunks = (reference.chunks ?? []).filter(({ n }) => n > 0);
  if (chunks.length < FEWEST_CHUNKS) {
    throw new RangeError(
      `its threshold rests on chunks of the reference, of which it has ${chunks.length}: post a reference of at least ${FEWEST_CHUNKS} parts again, or declare static or auto bounds`,
    );
  }
  const sizes = chunks.map(
    (chunk) => definition.distance({ reference, current: asSeries(reference, chunk) }).effectSize,
  );
  const bounds = spreadOverChunks(declared, sizes);
  const chunkRows = chunks.reduce((sum, { n }) => sum + n, 0) / chunks.length;
  // A smaller window spreads wider than the chunks do.
  const scale = (rows: number): number => 1 / reference.n + 1 / rows;
  const wider = Math.max(1, scale(current.n) / scale(chunkRows));
  const factor = growthOf(method) === 'linear' ? wider : Math.sqrt(wider);
  const threshold = {
    ...(bounds.warning === undefined ? {} : { warning: bounds.warning * factor }),
    ...(bounds.critical === undefined ? {} : { critical: bounds.critical * factor }),
  };
  const minimum = Math.ceil(chunkRows * SMALLEST_SHARE_OF_CHUNK);
  return { threshold, effect: distance.effectSize, ...enoughRows(current.n, minimum, 'to compare with its chunks') };
}

function asSeries(
  { series, binSetId }: ReferenceSeries,
  chunk: NonNullable<ReferenceSeries['chunks']>[number],
): SeriesData {
  return { series, binSetId, ...chunk };
}

function enoughRows(rows: number, minimum: number, purpose: string): Pick<JudgeableDrift, 'enough' | 'lacking'> {
  if (rows >= minimum) return { enough: true, lacking: '' };
  const lacking = Number.isFinite(minimum)
    ? `${minimum - rows} rows short of the ${minimum} it takes ${purpose}`
    : `the reference is too small ${purpose}`;
  return { enough: false, lacking };
}

/** The bound from which on effects are significant with so many rows, to three digits; Infinity when no effect is. */
function smallestSignificant(chance: DriftChance, alpha: number, rows: number): number {
  let high = 1e-6;
  while (chance.minimumRows(high, alpha) > rows) {
    high *= 2;
    if (high > 1e6) return Infinity;
  }
  let low = high / 2;
  while (high - low > high * 1e-3) {
    const middle = (low + high) / 2;
    if (chance.minimumRows(middle, alpha) > rows) low = middle;
    else high = middle;
  }
  return high;
}
