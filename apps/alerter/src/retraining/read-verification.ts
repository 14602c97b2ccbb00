import { PREDICTION_SERIES, type RetrainingRun, SCORE_SERIES, type Task } from '@plumbline/contracts';
import {
  type Answers,
  type Moments,
  type PairedMetric,
  positiveClassOf,
  type RunCause,
  type VerificationInput,
} from '@plumbline/monitoring';
import {
  findClassesOfModels,
  findModel,
  listAlerts,
  listMeasurements,
  listVersions,
  mergeFeatureCells,
  mergePerformanceCells,
  mergeTrafficCells,
  type PairedPerformance,
  readPairedPerformance,
  type Store,
} from '@plumbline/storage';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Of the newest data: what came longer ago tells less of how the version does now, and costs a read. */
const LONGEST_MS = 30 * DAY_MS;
const RECENT_MEASUREMENTS = 5;
/** The oldest alerts of an episode; thousands of features that drift together have one cause. */
const MAX_CAUSES = 50;

/** Returns what is known of a run's new version beside its old one; undefined while the new one has made no prediction. @throws StorageError */
export async function readVerification(
  store: Store,
  run: RetrainingRun,
  leastLabels: number,
): Promise<VerificationInput | undefined> {
  const { project, model, version: oldVersion, newVersion } = run;
  const declared = await findModel(store, project, model);
  const traffic = (await listVersions(store, project, model)).find(({ version }) => version === newVersion);
  if (declared === undefined || traffic === undefined) return undefined;
  const { task } = declared.declaration;
  const classes = await findClassesOfModels(store, [{ project, model }]);
  const positiveClass = positiveClassOf(declared.declaration, classes.get(`${project}/${model}`) ?? []);

  const toMs = traffic.lastMs + MINUTE_MS;
  const fromMs = Math.max(traffic.firstMs, toMs - LONGEST_MS);
  const lengthMs = Math.max(toMs - fromMs, DAY_MS);
  const answers = (version: string, from: number, to: number): Promise<Answers> =>
    readAnswers(store, { project, model, version, segment: '', fromMs: from, toMs: to }, task);
  const versions = { project, model, oldVersion, newVersion, positiveClass: positiveClass ?? '' };
  return {
    oldVersion,
    newVersion,
    fromMs,
    toMs,
    current: await answers(newVersion, fromMs, toMs),
    beside: await answers(oldVersion, fromMs, toMs),
    before: await answers(oldVersion, traffic.firstMs - lengthMs, traffic.firstMs),
    paired: pairedMetrics(await readPairedPerformance(store, { ...versions, fromMs, toMs }), task),
    causes: await readCauses(store, run),
    task,
    positiveClass,
    leastLabels,
  };
}

async function readAnswers(
  store: Store,
  scope: Parameters<typeof mergeFeatureCells>[1],
  task: Task | undefined,
): Promise<Answers> {
  const series = await mergeFeatureCells(store, scope);
  const traffic = await mergeTrafficCells(store, scope);
  const performance = await mergePerformanceCells(store, scope);
  const moments = (name: string): Moments => {
    const sum = { n: 0, sum: 0, sumSquares: 0 };
    for (const each of series) {
      if (each.series !== name) continue;
      sum.n += each.n;
      sum.sum += each.sum;
      sum.sumSquares += each.sumSquares;
    }
    return sum;
  };
  return {
    scores: moments(SCORE_SERIES),
    // Classes have no mean.
    values: task === 'regression' ? moments(PREDICTION_SERIES) : { n: 0, sum: 0, sumSquares: 0 },
    performance: { ...performance, predicted: traffic.n - traffic.errors },
  };
}

/** The metrics that the task is judged by. */
function pairedMetrics({ accuracy, brier, mae }: PairedPerformance, task: Task | undefined): PairedMetric[] {
  const candidates: readonly PairedMetric[] = [
    ...(task === 'regression' ? [] : [{ metric: 'accuracy', ...accuracy } as const]),
    ...(task === 'regression' || task === 'multiclass' ? [] : [{ metric: 'brier', ...brier } as const]),
    { metric: 'mae', ...mae },
  ];
  return candidates.filter(({ n }) => n > 0);
}

/** What the monitors of the alerts that led to the run last found of the new version. */
async function readCauses(store: Store, run: RetrainingRun): Promise<RunCause[]> {
  const { project, model, newVersion: version } = run;
  const causes: RunCause[] = [];
  for (const alertId of run.alertIds.slice(0, MAX_CAUSES)) {
    const [alert] = await listAlerts(store, { project, model, alertId, limit: 1 });
    if (alert === undefined) continue;
    const { monitor, segment, feature, method } = alert;
    const filter = { project, model, monitor, version, segment, feature, method };
    const recent = await listMeasurements(store, { ...filter, limit: RECENT_MEASUREMENTS });
    const told = recent.find(({ severity }) => ['ok', 'warning', 'critical'].includes(severity));
    causes.push({ alertId, what: `${monitor} on ${feature === '' ? method : feature}`, severity: told?.severity });
  }
  return causes;
}
