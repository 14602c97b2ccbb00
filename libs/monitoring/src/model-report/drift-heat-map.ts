import type { DriftHeatMap, DriftLevel } from '@plumbline/contracts';
import type { TimeGrid } from './time-columns.js';

/** From here on an effect that is no breach is worth a look: half the way to the threshold. */
const NEAR_RATIO = 0.5;

/** The worst that the windows of a column found of a feature: rank 2 critical, 1 warning, 0 neither, −1 not enough data. */
export interface HeatMapCell {
  readonly feature: string;
  readonly column: number;
  readonly rank: number;
  readonly ratio: number;
}

/** Returns the heat map of some features, in their order. */
export function driftHeatMap(
  { startMs, columnMs, columns }: TimeGrid,
  features: readonly string[],
  cells: readonly HeatMapCell[],
  moreFeatures: number,
): DriftHeatMap {
  const rows = new Map(
    features.map((feature) => [
      feature,
      {
        feature,
        levels: Array<DriftLevel | undefined>(columns).fill(undefined),
        ratios: Array<number>(columns).fill(NaN),
      },
    ]),
  );
  for (const { feature, column, rank, ratio } of cells) {
    const row = rows.get(feature);
    if (row === undefined || column < 0 || column >= columns) continue;
    row.levels[column] = levelOf(rank, ratio);
    row.ratios[column] = ratio;
  }
  return { startMs, columnMs, columns, rows: [...rows.values()], moreFeatures };
}

function levelOf(rank: number, ratio: number): DriftLevel {
  if (rank >= 2) return 'critical';
  if (rank === 1) return 'warning';
  if (rank < 0) return 'unknown';
  return ratio >= NEAR_RATIO ? 'near' : 'low';
}
