import { parseDuration, type RetrainingPolicyDeclaration, type RetrainingRun } from '@plumbline/contracts';
import { type RunChange, verifyRun } from '@plumbline/monitoring';
import { findLastEvaluation, type Store } from '@plumbline/storage';
import { readVerification } from './read-verification.js';

export interface VerificationResult {
  /** What was found; undefined while more data may decide it. */
  readonly change?: RunChange;
  /** When it is decided whatever the data says; 0 when it is. */
  readonly nextAtMs: number;
}

/** Compares the new versions of runs with the old ones, until the data decides or the time is up. */
export class RunVerifier {
  /** Of each run, when windows of its model were evaluated last as it was looked at. */
  private readonly seen = new Map<string, number>();

  constructor(private readonly store: Store) {}

  /**
   * Returns what becomes of a run that succeeded. Nothing is read twice for nothing: the comparison changes when windows were
   * evaluated, which they are anew when labels come.
   * @throws StorageError
   */
  async verify(
    run: RetrainingRun,
    { verify_within, verify_labels }: Pick<RetrainingPolicyDeclaration, 'verify_within' | 'verify_labels'>,
    nowMs: number,
  ): Promise<VerificationResult> {
    const deadlineMs = run.updatedAtMs + parseDuration(verify_within);
    const over = nowMs >= deadlineMs;
    const evaluatedAtMs = await findLastEvaluation(this.store, run);
    if (!over && this.seen.get(run.runId) === evaluatedAtMs) return { nextAtMs: deadlineMs };
    const input = await readVerification(this.store, run, verify_labels);
    this.seen.set(run.runId, evaluatedAtMs);
    const verification = input === undefined ? undefined : verifyRun(input);
    if (verification !== undefined && verification.verdict !== 'open') {
      this.seen.delete(run.runId);
      const { verdict, comparison } = verification;
      return { change: { to: verdict, who: 'plumbline', detail: comparison.sentence, comparison }, nextAtMs: 0 };
    }
    if (!over) return { nextAtMs: deadlineMs };
    this.seen.delete(run.runId);
    const comparison = verification?.comparison ?? nothingCame(run, nowMs);
    const detail = `${comparison.sentence} Nothing more is waited for after ${verify_within}.`;
    return { change: { to: 'succeeded', who: 'plumbline', detail, comparison }, nextAtMs: 0 };
  }
}

function nothingCame({ version, newVersion }: RetrainingRun, nowMs: number): NonNullable<RunChange['comparison']> {
  const now = new Date(nowMs).toISOString();
  return {
    verified: false,
    sentence: `Not verified: version ${newVersion} has made no prediction.`,
    mode: 'none',
    old_version: version,
    new_version: newVersion,
    from: now,
    to: now,
    metrics: [],
    predictions: null,
    causes: [],
  };
}
