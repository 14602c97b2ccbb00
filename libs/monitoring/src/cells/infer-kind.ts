import type { FeatureKind, FeatureValue } from '@plumbline/contracts';

/** Kind of feature that a value suggests when none is declared; undefined for a missing value. */
export function inferKind(value: FeatureValue): FeatureKind | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return 'numeric';
  return typeof value === 'boolean' ? 'boolean' : 'categorical';
}
