import { type AlertView, severitySchema } from '@plumbline/contracts';
import {
  coverKey,
  inRouteOrder,
  type LastMessage,
  type NotifyWorld,
  subjectOf,
  type TrackedAlert,
} from '@plumbline/monitoring';
import {
  type Acknowledgement,
  acknowledgements,
  type LastNotification,
  listCoveredTransitions,
  listFailingReceivers,
  listLastNotifications,
  listOutboxAlerts,
  listRoutes,
  listSilences,
  listUncountedHours,
  type OutboxAlert,
  type OutboxKey,
  type Store,
} from '@plumbline/storage';
import { z } from 'zod';
import { type ActiveReceiver, activeReceivers } from './active-receivers.js';
import { BatchedReads } from './batched-reads.js';
import { failingReceiverAlerts } from './failing-receivers.js';
import { groupBy } from './group-by.js';
import { OUTBOX_LOOKBACK_MS } from './outbox-lookback.js';

/** Keys of one read: bounds its memory. */
const MAX_KEYS = 250;
/** Rows are counted within seconds; what waits for so long is held up. */
const LATE_AFTER_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;

const toldSchema = z.array(
  z.object({
    alertId: z.string(),
    status: z.enum(['firing', 'resolved']),
    severity: severitySchema,
    transitionId: z.string(),
    acknowledged: z.boolean(),
  }),
);
const groupLabelsSchema = z.record(z.string(), z.string());

/** What the planner is to know, and what a message needs beyond it. */
export interface ReadWorld extends NotifyWorld {
  readonly receivers: readonly ActiveReceiver[];
  /** The rows of the alerts, by alert id. */
  readonly rows: ReadonlyMap<string, OutboxAlert>;
  /** Whether receivers fail, so that time alone may bring something to tell. */
  readonly receiversFail: boolean;
}

/** Reads what there is to tell of a model, or of the groups of a project that name no model. */
export class WorldReader {
  private readonly reads: BatchedReads<OutboxKey & { readonly nowMs: number }, ReadWorld>;

  constructor(private readonly store: Store) {
    this.reads = new BatchedReads(
      ({ project, model }) => JSON.stringify([project, model]),
      (keys) => this.readAll(keys),
      MAX_KEYS,
    );
  }

  /** @throws StorageError */
  async read({ project, model }: OutboxKey, nowMs: number): Promise<ReadWorld> {
    return this.reads.load({ project, model, nowMs });
  }

  private async readAll(keys: readonly (OutboxKey & { readonly nowMs: number })[]): Promise<ReadWorld[]> {
    const { store } = this;
    const nowMs = Math.min(...keys.map((key) => key.nowMs));
    const sinceMs = nowMs - OUTBOX_LOOKBACK_MS;
    const projects = [...new Set(keys.map(({ project }) => project))];
    const routes = groupBy(await listRoutes(store, projects), ({ project }) => project);
    const silences = groupBy(await listSilences(store, projects, nowMs - HOUR_MS), ({ project }) => project);
    const receivers = new Map<string, ActiveReceiver[]>();
    for (const project of projects) receivers.set(project, await activeReceivers(store, project));
    const last = groupByKey(await listLastNotifications(store, keys, sinceMs), lastMessageOf);
    const covered = groupByKey(await listCoveredTransitions(store, keys, sinceMs), (each) =>
      coverKey(each.receiver, each.route, each.transitionId),
    );
    const toldFiring = [...last.values()]
      .flat()
      .flatMap(({ told }) => told.filter(({ status }) => status === 'firing').map(({ alertId }) => alertId));
    const rows = await listOutboxAlerts(store, keys, sinceMs, toldFiring);
    const lateModels = lateModelsOf(rows, await listUncountedHours(store, keys, nowMs - LATE_AFTER_MS));
    const known = new Map<string, ReadonlyMap<string, Acknowledgement>>();
    for (const project of projects) known.set(project, await this.acknowledgementsOf(project, rows));
    const failing = keys.some(({ model }) => model === '') ? await listFailingReceivers(store, sinceMs, projects) : [];
    const byModel = groupBy(rows, ({ project, model }) => JSON.stringify([project, model]));
    const byProject = groupBy(rows, ({ project }) => project);
    return keys.map(({ project, model }): ReadWorld => {
      const key = JSON.stringify([project, model]);
      const own = (model === '' ? byProject.get(project) : byModel.get(key)) ?? [];
      const lastMessages = last.get(key) ?? [];
      const active = receivers.get(project)!;
      const failed =
        model === ''
          ? failing.filter(
              (each) => each.project === project && active.some(({ receiver }) => receiver === each.receiver),
            )
          : [];
      const alerts = own.map((row) => trackedAlertOf(row, known.get(project)!));
      const system = model === '' ? failingReceiverAlerts(project, failed, lastMessages, nowMs) : [];
      return {
        project,
        scope: model === '' ? 'project' : 'model',
        routes: inRouteOrder(routes.get(project) ?? []),
        silences: silences.get(project) ?? [],
        alerts: [...alerts, ...system],
        lateModels: lateModels.get(project) ?? new Set(),
        lastMessages,
        covered: new Set(covered.get(key) ?? []),
        receivers: active,
        rows: new Map(own.map((row) => [row.alertId, row])),
        receiversFail: failed.length > 0 || system.length > 0,
      };
    });
  }

  private async acknowledgementsOf(
    project: string,
    rows: readonly OutboxAlert[],
  ): Promise<ReadonlyMap<string, Acknowledgement>> {
    const alertIds = rows
      .filter((row) => row.project === project && row.status === 'firing')
      .map(({ alertId }) => alertId);
    return alertIds.length === 0 ? new Map() : acknowledgements(this.store, { project, alertIds });
  }
}

function groupByKey<T extends OutboxKey, V>(rows: readonly T[], valueOf: (row: T) => V): Map<string, V[]> {
  const groups = groupBy(rows, ({ project, model }) => JSON.stringify([project, model]));
  return new Map([...groups].map(([key, group]) => [key, group.map(valueOf)]));
}

function lastMessageOf(row: LastNotification): LastMessage {
  const { told, groupKey, ...rest } = row;
  // A message of no group, as a test, has a name for a key.
  const groupLabels = groupKey.startsWith('{') ? groupLabelsSchema.parse(JSON.parse(groupKey)) : {};
  return { ...rest, groupKey, groupLabels, told: toldSchema.parse(JSON.parse(told)) };
}

function trackedAlertOf(row: OutboxAlert, known: ReadonlyMap<string, Acknowledgement>): TrackedAlert {
  const { project, model, version, monitor, segment, feature, method, severity } = row;
  const view: AlertView = {
    alertId: row.alertId,
    labels: {
      project,
      model,
      version,
      monitor,
      segment,
      feature,
      method,
      severity,
      subject: subjectOf(method, severity),
    },
    status: row.status,
    severity,
    value: row.value,
    threshold: row.threshold,
    pValue: row.pValue,
    nCurrent: row.nCurrent,
    reason: row.reason,
    firedAtMs: row.firedAtMs,
    resolvedAtMs: row.resolvedAtMs,
    acknowledged: row.status === 'firing' ? known.get(row.alertId) : undefined,
    transitionId: row.transitions.at(-1)!.transitionId,
  };
  return { view, transitions: row.transitions };
}

/** Models, by project, of which an alert fires over an hour that is not counted yet. */
function lateModelsOf(
  rows: readonly OutboxAlert[],
  hours: readonly { readonly project: string; readonly model: string; readonly hourMs: number }[],
): Map<string, Set<string>> {
  const late = new Map<string, Set<string>>();
  if (hours.length === 0) return late;
  const uncounted = groupBy(hours, ({ project, model }) => JSON.stringify([project, model]));
  for (const { project, model, status, windowStartMs, windowEndMs } of rows) {
    if (status !== 'firing') continue;
    const own = uncounted.get(JSON.stringify([project, model])) ?? [];
    if (!own.some(({ hourMs }) => hourMs < windowEndMs && hourMs + HOUR_MS > windowStartMs)) continue;
    late.set(project, (late.get(project) ?? new Set()).add(model));
  }
  return late;
}
