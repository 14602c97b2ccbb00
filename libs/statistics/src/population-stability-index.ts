import { pairedCounts } from './paired-counts.js';

/**
 * Returns the population stability index Σ(p − q)·ln(p/q) of two counted samples under the profile `psi.decile`, and the
 * number of bins it was computed over.
 *
 * Shares are smoothed to (c + ½)/(n + ½B), so an empty bin stays finite. A bin empty in BOTH samples is dropped and does
 * not count in B: kept, the smoothing alone would add about ½(1/m − 1/n)·ln(n/m) and multiply the false alarms of small
 * windows. Symmetric, ≥ 0, 0 when fewer than two bins remain. `value` is NaN when a sample is empty. Throws RangeError on
 * unaligned counts. O(bins). Source: Jeffreys' divergence; Yurdakul & Naranjo (2020) for its distribution (`psiPValue`).
 */
export function populationStabilityIndex(
  reference: readonly number[],
  current: readonly number[],
): { value: number; bins: number } {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  let bins = 0;
  for (let i = 0; i < reference.length; i += 1) if (reference[i]! > 0 || current[i]! > 0) bins += 1;
  if (nReference === 0 || nCurrent === 0) return { value: NaN, bins };
  let value = 0;
  for (let i = 0; i < reference.length; i += 1) {
    if (!(reference[i]! > 0 || current[i]! > 0)) continue;
    const p = (reference[i]! + 0.5) / (nReference + 0.5 * bins);
    const q = (current[i]! + 0.5) / (nCurrent + 0.5 * bins);
    value += (p - q) * Math.log(p / q);
  }
  return { value, bins };
}
