import type {
  AlertAction,
  AlertFinding,
  AlertLabels,
  AlertReport,
  RetrainingRun,
  Silence,
  Transition,
} from '@plumbline/contracts';
import { buildAlertReport, matchesAll, subjectOf } from '@plumbline/monitoring';
import { readMovingReferences } from '@plumbline/references';
import {
  acknowledgements,
  type Acknowledgement,
  type Alert,
  listAlertActions,
  listMeasurements,
  type ListedMeasurement,
  type ListedNotification,
  listNotifications,
  listRetrainingRuns,
  listSilences,
  listTransitions,
  readAlertReportRows,
  type Store,
} from '@plumbline/storage';
import { findAlert } from '../../../alerts/find-alert.js';

const MAX_CHANGES = 500;
const MAX_MESSAGES = 100;
const MAX_WINDOWS = 200;
/** Windows before the one in which it fired: what was usual. */
const WINDOWS_BEFORE = 14;
/** Runs of the model that are looked through for those that the alert led to. */
const MAX_RUNS = 100;

export interface AlertPageData {
  readonly alert: Alert;
  readonly acknowledged: Acknowledgement | undefined;
  /** In the order of decisions. */
  readonly history: readonly Transition[];
  /** The oldest first. */
  readonly actions: readonly AlertAction[];
  /** Messages that tell of it, the newest first. */
  readonly messages: readonly ListedNotification[];
  /** Silences that keep it from being told, now. */
  readonly silences: readonly Silence[];
  /** Runs that it led to, the newest first. */
  readonly runs: readonly RetrainingRun[];
  /** What it measured, window by window, the oldest first. */
  readonly measurements: readonly ListedMeasurement[];
  /** What happened in the window that it was last seen firing in; undefined without one. */
  readonly report: AlertReport | undefined;
  /** The finding of the report that is this alert. */
  readonly finding: AlertFinding | undefined;
}

/** Reads all that there is to know of an alert. No raw rows are read, and every list has a bound. @throws Problem 404 */
export async function readAlertPage(
  store: Store,
  project: string,
  alertId: string,
  nowMs: number,
): Promise<AlertPageData> {
  const alert = await findAlert(store, project, alertId);
  const { model } = alert;
  const history = await listTransitions(store, { project, model, alertId, limit: MAX_CHANGES });
  const [acknowledged, actions, messages, runs, silences] = await Promise.all([
    acknowledgements(store, { project, model, alertIds: [alertId] }),
    listAlertActions(store, { project, model, alertIds: [alertId] }),
    listNotifications(store, { project, model, alertId, limit: MAX_MESSAGES }),
    listRetrainingRuns(store, { project, model, limit: MAX_RUNS }),
    listSilences(store, [project], nowMs),
  ]);
  const labels = labelsOf(alert);
  const report = await readReport(store, alert, history);
  return {
    alert,
    acknowledged: acknowledged.get(alertId),
    history,
    actions,
    messages,
    silences: silences.filter(({ startsAtMs, matchers }) => startsAtMs <= nowMs && matchesAll(matchers, labels)),
    runs: runs.filter(({ alertIds }) => alertIds.includes(alertId)),
    measurements: await readMeasurements(store, alert, history),
    report,
    finding: report?.findings.find((finding) => finding.alertId === alertId),
  };
}

/** Returns the labels that matchers see of an alert. */
export function labelsOf(alert: Alert): AlertLabels {
  const { project, model, version, monitor, segment, feature, method, severity } = alert;
  return { project, model, version, monitor, segment, feature, method, severity, subject: subjectOf(method, severity) };
}

async function readReport(
  store: Store,
  alert: Alert,
  history: readonly Transition[],
): Promise<AlertReport | undefined> {
  const told = history.findLast(({ to }) => to === 'firing');
  if (told === undefined) return undefined;
  const { project, model, version, monitor, segment, feature, method, alertId } = alert;
  const { windowStartMs, windowEndMs } = told;
  const alerts = [{ alertId, monitor, segment, feature, method }];
  const scope = { project, model, version, windowStartMs, windowEndMs, alerts };
  const rows = await readAlertReportRows(store, scope);
  const ids = rows.measurements.map(({ referenceId }) => referenceId);
  const moving = await readMovingReferences(store, scope, ids);
  return buildAlertReport(scope, { ...rows, references: [...rows.references, ...moving] });
}

/** From some windows before it fired to some after it ended; the newest of an alert that lasts. */
async function readMeasurements(
  store: Store,
  alert: Alert,
  [first]: readonly Transition[],
): Promise<ListedMeasurement[]> {
  const windowMs = first === undefined ? 0 : first.windowEndMs - first.windowStartMs;
  const { project, model, version, monitor, segment, feature, method, firedAtMs, resolvedAtMs } = alert;
  const found = await listMeasurements(store, {
    ...{ project, model, version, monitor, segment, feature, method },
    fromMs: firedAtMs - WINDOWS_BEFORE * windowMs - 1,
    toMs: resolvedAtMs === undefined ? undefined : resolvedAtMs + WINDOWS_BEFORE * windowMs,
    limit: MAX_WINDOWS,
  });
  // A monitor that was evaluated by windows of another length for a while has two series.
  const ofLength = found.filter(({ windowStartMs, windowEndMs }) => windowEndMs - windowStartMs === windowMs);
  return ofLength.reverse();
}
