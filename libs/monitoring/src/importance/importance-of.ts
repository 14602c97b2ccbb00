import type { Feature } from '@plumbline/contracts';

/** Importance of features, each 0 or more; a feature that is not there has none that is known. */
export type Importance = ReadonlyMap<string, number>;

/**
 * Returns the importance in force: what was uploaded, scaled so that it adds up to 1; else what is declared with the features. The
 * two are never mixed, for their scales differ.
 */
export function importanceOf(
  features: readonly Feature[],
  uploaded: Readonly<Record<string, number>> | undefined,
): Map<string, number> {
  const entries = Object.entries(uploaded ?? {});
  // Largest first divided: a sum of values near 1e308 is infinite.
  const largest = entries.reduce((most, [, value]) => Math.max(most, value), 0);
  if (largest > 0) {
    const sum = entries.reduce((total, [, value]) => total + value / largest, 0);
    return new Map(entries.map(([feature, value]) => [feature, value / largest / sum]));
  }
  return new Map(
    features.flatMap(({ name, importance }) => (importance === undefined ? [] : [[name, importance] as const])),
  );
}
