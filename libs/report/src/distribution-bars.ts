const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * Returns shares as a row of bars, one character each: what a chart is where there are only letters.
 * @param max share of a full bar; give the largest of both when two rows are to be compared
 */
export function distributionBars(shares: readonly number[], max = largest(shares)): string {
  return shares
    .map((share) => {
      if (!(share > 0) || !(max > 0)) return LEVELS[0];
      // Anything at all is a level above nothing.
      return LEVELS[Math.min(7, Math.max(1, Math.round((share / max) * 7)))]!;
    })
    .join('');
}

/** Returns the largest of some shares, without those that are no number; 0 of none. */
export function largest(...rows: readonly (readonly number[])[]): number {
  return rows.reduce(
    (max, shares) => shares.reduce((most, share) => (share > most && Number.isFinite(share) ? share : most), max),
    0,
  );
}
