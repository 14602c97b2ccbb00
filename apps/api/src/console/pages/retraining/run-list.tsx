import type { RetrainingRun } from '@plumbline/contracts';
import { Instant, plainSentence } from '@plumbline/report';
import type { Visit } from '../../visit.js';
import { RunDecision } from './run-decision.js';
import { runPath } from './run-path.js';
import { RunState } from './run-state.js';

/** A few runs, each with its reason and, where it waits for somebody, the forms to decide. */
export function RunList({
  visit,
  runs,
  alertId,
}: {
  readonly visit: Visit;
  readonly runs: readonly RetrainingRun[];
  readonly alertId?: string;
}) {
  return (
    <div class="stacked">
      {runs.map((run) => (
        <div key={run.runId}>
          <p class="row">
            <RunState status={run.status} />
            <a href={runPath(run)}>Run of policy {run.policy}</a>
            <span class="muted">
              asked for <Instant atMs={run.requestedAtMs} />
            </span>
          </p>
          <p>{plainSentence(run.reason, 1_000)}</p>
          <RunDecision visit={visit} run={run} {...(alertId === undefined ? {} : { alertId })} />
        </div>
      ))}
    </div>
  );
}
