import type { ModelReportScope, ReportedRetrainingRun } from '@plumbline/contracts';
import { listRetrainingRuns, type Store } from '@plumbline/storage';

const MAX_READ = 200;
const MAX_RUNS = 20;

/** Reads the retraining runs that were asked for before the end of the range and changed in it, newest first. */
export async function readReportedRuns(
  store: Store,
  { project, model, version, fromMs, toMs }: ModelReportScope,
): Promise<{ readonly runs: readonly ReportedRetrainingRun[]; readonly moreRuns: number }> {
  const read = await listRetrainingRuns(store, { project, model, limit: MAX_READ });
  const found = read.filter(
    (run) =>
      run.requestedAtMs <= toMs &&
      run.updatedAtMs > fromMs &&
      (version === undefined || run.version === version || run.newVersion === version),
  );
  const runs = found.slice(0, MAX_RUNS).map((run): ReportedRetrainingRun => ({
    runId: run.runId,
    policy: run.policy,
    version: run.version,
    newVersion: run.newVersion,
    status: run.status,
    reason: run.reason,
    detail: run.detail,
    requestedAtMs: run.requestedAtMs,
    updatedAtMs: run.updatedAtMs,
    externalUrl: run.externalUrl,
    comparison: run.comparison,
  }));
  return { runs, moreRuns: found.length - runs.length };
}
