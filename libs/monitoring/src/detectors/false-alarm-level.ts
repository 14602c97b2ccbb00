import type { MonitorDeclaration, ReferenceProfile } from '@plumbline/contracts';
import { decidingSeries } from './deciding-series.js';

const MONTH_MS = 30 * 86_400_000;
/** However rare windows are, no breach is believed at a weaker level than this. */
const WEAKEST_LEVEL = 0.05;
/**
 * Part of the budget that a rate of data quality takes beside a distance. Rates mostly have nothing at fault in the reference, where
 * the exact test is far from its level: chance alone does not make values go missing.
 */
const WEIGHT_OF_RATE = 0.05;

/** A monitor that shares in the budget of its model. */
export interface BudgetShare {
  readonly declaration: MonitorDeclaration;
  /** Length of its windows. */
  readonly everyMs: number;
}

/** How sure one has to be of a breach. */
export interface FalseAlarmLevel {
  /** Level of the family of a window. */
  readonly alpha: number;
  /** Level of each of its series alone: alpha divided among them. */
  readonly seriesAlpha: number;
}

/**
 * Returns the levels at which a monitor keeps within its part of the model's false alarms of a month.
 *
 * The budget is divided among the monitors by the numbers they decide by. With b the part of this monitor, W its windows in a month
 * and F its series, one series may breach by chance with probability a = b/(W·F) in a window. Where `for` windows in a row have to
 * breach, a is the root of that: of order (1 + for)/2 instead of `for`, because windows share a reference and so its sampling error.
 *
 * A monitor that declares alpha is judged by that, and leaves the budget to the others.
 * @param budget false alarms to expect in 30 days
 * @param families versions and segments that are judged together: they divide the level, not the budget
 */
export function falseAlarmLevel(
  budget: number,
  { declaration, everyMs }: BudgetShare,
  monitors: readonly BudgetShare[],
  profile: ReferenceProfile | undefined,
  families = 1,
): FalseAlarmLevel {
  const series = Math.max(1, decidingSeries(declaration, profile));
  const declared = 'alpha' in declaration ? declaration.alpha : undefined;
  const alpha = declared ?? levelWithin(budget, declaration, everyMs, series, monitors, profile);
  return { alpha, seriesAlpha: alpha / (series * families) };
}

function levelWithin(
  budget: number,
  declaration: MonitorDeclaration,
  everyMs: number,
  series: number,
  monitors: readonly BudgetShare[],
  profile: ReferenceProfile | undefined,
): number {
  const sharing = monitors
    .map((monitor) => monitor.declaration)
    .filter((each) => 'alpha' in each === false || each.alpha === undefined);
  const all = sharing.reduce((sum, each) => sum + weight(each, decidingSeries(each, profile)), 0);
  const own = weight(declaration, series);
  const part = budget * Math.min(1, own / Math.max(own, all));
  const perSeries = part / ((MONTH_MS / everyMs) * series);
  return Math.min(WEAKEST_LEVEL, series * Math.min(1, perSeries) ** (2 / (1 + declaration.for)));
}

function weight({ detector }: MonitorDeclaration, series: number): number {
  return detector === 'data_quality' ? series * WEIGHT_OF_RATE : series;
}
