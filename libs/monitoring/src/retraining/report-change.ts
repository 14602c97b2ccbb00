import type { RetrainingRun } from '@plumbline/contracts';
import type { RunChange } from './change-run.js';

/** What a pipeline said. */
export interface RunReport {
  readonly status: 'running' | 'succeeded' | 'failed';
  readonly version?: string | undefined;
  readonly detail: string;
}

/** Returns the change that a report of a pipeline asks for. One after the time-out says so. */
export function reportChange(run: RetrainingRun, { status, version, detail }: RunReport, who: string): RunChange {
  const late = run.status === 'timed_out' ? 'Reported after the run had timed out.' : '';
  return { to: status, who, detail: [late, detail].filter(Boolean).join(' '), newVersion: version };
}
