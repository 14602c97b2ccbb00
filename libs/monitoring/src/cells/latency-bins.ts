/** Bins per doubling of latency: a quantile read from them is within 2^(1/16) − 1 = 4.4 % of exact. */
const BINS_PER_OCTAVE = 16;
/** Lower edge of bin 1; bin 0 is everything below. */
const FIRST_EDGE_MS = 2 ** -4;
const LAST_BIN = 16 * 28;
/** Indexes of latency bins are below this. */
export const LATENCY_BINS = LAST_BIN + 1;

/** Index of a latency's bin: bin i ≥ 1 is [2^((i−1)/16 − 4), 2^(i/16 − 4)) milliseconds, bin 0 below, the last open. */
export function latencyBin(latencyMs: number): number {
  if (!(latencyMs >= FIRST_EDGE_MS)) return 0;
  return Math.min(LAST_BIN, Math.floor(Math.log2(latencyMs / FIRST_EDGE_MS) * BINS_PER_OCTAVE) + 1);
}

/**
 * Quantile of the latencies in bins, in milliseconds: the geometric middle of the bin that holds it, NaN without any.
 * @param q from 0 to 1
 */
export function latencyQuantileMs(
  bins: readonly { readonly index: number; readonly count: number }[],
  q: number,
): number {
  const ascending = [...bins].sort((left, right) => left.index - right.index);
  const total = ascending.reduce((sum, bin) => sum + bin.count, 0);
  if (total === 0) return NaN;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const { index, count } of ascending) {
    seen += count;
    if (seen >= rank) return index === 0 ? 0 : FIRST_EDGE_MS * 2 ** ((index - 0.5) / BINS_PER_OCTAVE);
  }
  return NaN;
}
