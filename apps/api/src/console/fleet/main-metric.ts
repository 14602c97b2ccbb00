import type { FleetMetric } from '@plumbline/storage';

/** What people ask for first, of each task. */
const PREFERRED = ['accuracy', 'roc_auc', 'f1', 'f1_macro', 'balanced_accuracy', 'rmse', 'mae', 'r2'];

/** Returns the metric that stands for the performance of a model: one that decides, of those the most usual; undefined without any. */
export function mainMetric(metrics: readonly FleetMetric[]): FleetMetric | undefined {
  const newestMs = Math.max(...metrics.map(({ windowEndMs }) => windowEndMs));
  const place = ({ metric }: FleetMetric): number => {
    const index = PREFERRED.indexOf(metric);
    return index === -1 ? PREFERRED.length : index;
  };
  return [...metrics]
    .filter(({ windowEndMs, values }) => windowEndMs === newestMs && values.some(Number.isFinite))
    .sort((a, b) => Number(b.decides) - Number(a.decides) || place(a) - place(b))[0];
}
