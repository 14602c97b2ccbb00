import type { AlertReportInput, ReportedMeasurement, ReportedPair } from './report-input.js';

/** Returns the reference series of a measurement, and what its cells add up to in the same bins; undefined where one is missing. */
export function pairOf(
  measurement: ReportedMeasurement,
  { references, cells }: Pick<AlertReportInput, 'references' | 'cells'>,
): ReportedPair | undefined {
  const { segment, dataStartMs, windowEndMs, feature, referenceId } = measurement;
  const reference = references
    .find((each) => each.referenceId === referenceId && (each.segment ?? segment) === segment)
    ?.series.find(({ series }) => series === feature);
  const current = cells
    .find((each) => each.segment === segment && each.dataStartMs === dataStartMs && each.windowEndMs === windowEndMs)
    ?.series.find(({ series, binSetId }) => series === feature && binSetId === reference?.binSetId);
  if (reference === undefined || current === undefined) return undefined;
  // One bad series costs only its chart: counts that do not fit their bins are no reason to tell nobody of an alert.
  if (current.binIndexes.some((index) => index >= reference.counts.length)) return undefined;
  const counts = reference.counts.map(() => 0);
  current.binIndexes.forEach((index, position) => (counts[index] = current.binCounts[position]!));
  return { reference, current: { ...current, counts } };
}
