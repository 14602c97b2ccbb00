import type { Model } from '@plumbline/contracts';
import { importanceOf, type ModelSituation, monitorsOf, type OpenAlert } from '@plumbline/monitoring';
import {
  findFeatureImportance,
  findModel,
  listAlerts,
  listDeclaredMonitors,
  listEvaluationMarksOfModels,
  listMeasurements,
  listOpenAlerts,
  type Store,
} from '@plumbline/storage';

const OPEN_ALERTS = 10_000;
/** Measurements of one monitor, newest first, among which the newest window with labels is looked for: many windows of all metrics. */
const RECENT_MEASUREMENTS = 500;

const NOTHING: ModelSituation = { alerts: [], importance: new Map(), labelCoverage: undefined };

/** Returns what the conditions of retraining policies are about. @throws StorageError */
export async function readSituation(store: Store, project: string, model: string): Promise<ModelSituation> {
  const declared = await findModel(store, project, model);
  if (declared === undefined) return NOTHING;
  const monitors = monitorsOf(declared, await listDeclaredMonitors(store, project, model));
  const detectors = new Map(monitors.map(({ monitor, declaration }) => [monitor, declaration.detector] as const));
  const performanceMonitors = monitors.filter(({ declaration }) => declaration.detector === 'performance');
  return {
    alerts: await readOpenAlerts(store, declared, detectors),
    importance: importanceOf(
      declared.declaration.features,
      (await findFeatureImportance(store, project, model))?.importance,
    ),
    labelCoverage: await readLabelCoverage(
      store,
      project,
      model,
      performanceMonitors.map(({ monitor }) => monitor),
    ),
  };
}

async function readOpenAlerts(
  store: Store,
  { project, model }: Model,
  detectors: ReadonlyMap<string, NonNullable<OpenAlert['detector']>>,
): Promise<OpenAlert[]> {
  const alerts = await listAlerts(store, { project, model, status: 'firing', limit: OPEN_ALERTS });
  if (alerts.length === 0) return [];
  const windowsMs = new Map(
    (await listOpenAlerts(store, { project, model })).map(({ alertId, windowMs }) => [alertId, windowMs] as const),
  );
  const firstMs = alerts.reduce((first, { firedAtMs }) => Math.min(first, firedAtMs), Infinity);
  const marks = await listEvaluationMarksOfModels(store, [{ project, model }], firstMs);
  return alerts.map((alert) => ({
    ...alert,
    detector: detectors.get(alert.monitor),
    windows: marks.filter(
      ({ monitor, windowMs, windowEndMs }) =>
        monitor === alert.monitor && windowMs === windowsMs.get(alert.alertId) && windowEndMs >= alert.firedAtMs,
    ).length,
  }));
}

/** Share of labelled predictions in the newest window that has any: labels come late, so the newest window of all seldom has. */
async function readLabelCoverage(
  store: Store,
  project: string,
  model: string,
  monitors: readonly string[],
): Promise<number | undefined> {
  let newestMs = -Infinity;
  let coverage: number | undefined;
  for (const monitor of monitors) {
    const measured = await listMeasurements(store, { project, model, monitor, limit: RECENT_MEASUREMENTS });
    const labelled = measured.find(({ nCurrent }) => nCurrent > 0);
    if (labelled === undefined || labelled.windowEndMs <= newestMs) continue;
    newestMs = labelled.windowEndMs;
    coverage = labelled.nCurrent / (labelled.nCurrent + labelled.nMissing);
  }
  return coverage;
}
