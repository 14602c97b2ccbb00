import { acknowledgements, type Acknowledgement, type Alert, listAlerts, type Store } from '@plumbline/storage';
import type { PageFilters } from '../page-filters.js';

const MAX_RESOLVED = 200;

export interface AlertsTabData {
  /** Worst first. */
  readonly open: readonly Alert[];
  /** Those that fired in the range and are over, the newest first. */
  readonly resolved: readonly Alert[];
  readonly moreResolved: boolean;
  readonly acknowledged: ReadonlyMap<string, Acknowledgement>;
}

/** Reads the alerts of a model: two queries beside the open ones, which every tab has read. */
export async function readAlertsTab(
  store: Store,
  { project, model }: { readonly project: string; readonly model: string },
  openAlerts: readonly Alert[],
  { fromMs, toMs, version, segment }: PageFilters,
): Promise<AlertsTabData> {
  const found = await listAlerts(store, {
    ...{ project, model, status: 'resolved', fromMs, toMs },
    limit: MAX_RESOLVED + 1,
  });
  const fits = (alert: Alert): boolean =>
    (version === undefined || alert.version === version) && (segment === '' || alert.segment === segment);
  const open = openAlerts.filter(fits);
  const alertIds = open.map(({ alertId }) => alertId);
  return {
    open,
    resolved: found.slice(0, MAX_RESOLVED).filter(fits),
    moreResolved: found.length > MAX_RESOLVED,
    acknowledged: alertIds.length === 0 ? new Map() : await acknowledgements(store, { project, model, alertIds }),
  };
}
