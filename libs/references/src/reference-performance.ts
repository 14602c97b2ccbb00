import type { PerformanceSummary } from '@plumbline/contracts';
import type { Task } from '@plumbline/contracts';
import { performanceEstimates } from '@plumbline/monitoring';
import type { MergedPerformance } from '@plumbline/storage';

/** The level does not matter here: only the values are kept, and the intervals are not. */
const CONFIDENCE = 0.95;

/** Returns the metrics of a reference by name, computed as those of windows are. */
export function referencePerformance(
  performance: MergedPerformance,
  task: Task | undefined,
  positiveClass: string,
): PerformanceSummary {
  const data = { ...performance, predicted: performance.labelled };
  const estimates = performanceEstimates(data, task, positiveClass, CONFIDENCE);
  return Object.fromEntries([...estimates].map(([metric, { value }]) => [metric, value]));
}
