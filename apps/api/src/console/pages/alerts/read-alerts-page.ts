import {
  type Alert,
  acknowledgements,
  type Acknowledgement,
  listAlerts,
  listSilences,
  type Store,
} from '@plumbline/storage';
import type { Silence } from '@plumbline/contracts';
import type { AlertFilters } from './alert-filters.js';

/** Open alerts on one page; a project with more is best looked at by model. */
export const MAX_OPEN = 500;
export const RESOLVED_ON_A_PAGE = 50;

export interface AlertsPageData {
  /** Worst first, then the newest; undefined when only others are asked for. */
  readonly open: readonly Alert[] | undefined;
  readonly moreOpen: boolean;
  /** Those that fired last first; undefined when only others are asked for. */
  readonly resolved: readonly Alert[] | undefined;
  /** The position that the next page of resolved ones starts after. */
  readonly next: { readonly firedAtMs: number; readonly alertId: string } | undefined;
  readonly acknowledged: ReadonlyMap<string, Acknowledgement>;
  /** In force or to come. */
  readonly silences: readonly Silence[];
}

/** Reads the alerts of a project: three or four queries, whatever there is. */
export async function readAlertsPage(
  store: Store,
  project: string,
  { state, severity, model, monitor, before, fromMs, toMs }: AlertFilters,
  nowMs: number,
): Promise<AlertsPageData> {
  const filter = { project, model, monitor, severity, fromMs, toMs };
  // Further pages are of resolved alerts: the open ones stand on the first.
  const wantsOpen = state !== 'resolved' && before === undefined;
  const open = wantsOpen
    ? await listAlerts(store, { ...filter, status: 'firing', worstFirst: true, limit: MAX_OPEN + 1 })
    : undefined;
  const resolved =
    state === 'firing'
      ? undefined
      : await listAlerts(store, { ...filter, status: 'resolved', before, limit: RESOLVED_ON_A_PAGE + 1 });
  const shown = resolved?.slice(0, RESOLVED_ON_A_PAGE);
  const last = resolved !== undefined && resolved.length > RESOLVED_ON_A_PAGE ? shown?.at(-1) : undefined;
  const alertIds = (open ?? []).map(({ alertId }) => alertId);
  return {
    open: open?.slice(0, MAX_OPEN),
    moreOpen: (open?.length ?? 0) > MAX_OPEN,
    resolved: shown,
    next: last && { firedAtMs: last.firedAtMs, alertId: last.alertId },
    acknowledged: alertIds.length === 0 ? new Map() : await acknowledgements(store, { project, alertIds }),
    silences: await listSilences(store, [project], nowMs),
  };
}
