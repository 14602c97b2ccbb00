import type { DriftMethod, ReferenceSeries, ReferenceThreshold } from '@plumbline/contracts';

/**
 * Returns the bounds that a method decides by for a series; undefined where it only records.
 *
 * Where more than nine tenths of a numeric reference are one value, its deciles leave a single bin and PSI sees next to nothing: then KS
 * stands in for it with the same bounds, unless it has its own. A flag that goes from 5 % to 50 % must not pass unseen.
 */
export function declaredBounds(
  method: DriftMethod,
  reference: ReferenceSeries,
  thresholds: Readonly<Partial<Record<DriftMethod, ReferenceThreshold | undefined>>>,
): ReferenceThreshold | undefined {
  if (method !== 'ks' || thresholds.ks !== undefined || reference.kind !== 'numeric') return thresholds[method];
  return liesInOneDecileBin(reference) ? thresholds['psi.decile'] : undefined;
}

function liesInOneDecileBin({ counts, decileEdgeIndexes }: ReferenceSeries): boolean {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return first >= 0 && !decileEdgeIndexes.some((edge) => first <= edge && edge < last);
}
