import type { RetrainingRun } from '@plumbline/contracts';
import { DataTable, EmptyState, Instant, Panel, plainSentence } from '@plumbline/report';
import { modelPath } from '../../paths.js';
import type { Visit } from '../../visit.js';
import { RunList } from '../retraining/run-list.js';
import { RunPanel } from '../retraining/run-panel.js';
import { runPath } from '../retraining/run-path.js';
import { RunState } from '../retraining/run-state.js';
import type { RetrainingTabData } from './read-retraining-tab.js';

export interface RetrainingTabProps {
  readonly visit: Visit;
  readonly model: string;
  readonly data: RetrainingTabData;
}

/** Runs of a model: those that wait for somebody first, then the chosen one, then all. */
export function RetrainingTab({ visit, model, data: { policies, runs, moreRuns, chosen } }: RetrainingTabProps) {
  const waiting = runs.filter(({ runId, status }) => status === 'awaiting_approval' && runId !== chosen?.run.runId);
  return (
    <>
      {waiting.length > 0 && (
        <Panel title={waiting.length === 1 ? 'A run waits for approval' : `${waiting.length} runs wait for approval`}>
          <RunList visit={visit} runs={waiting} />
        </Panel>
      )}
      {chosen !== undefined && <RunPanel visit={visit} run={chosen.run} events={chosen.events} />}
      <Panel
        title="Runs"
        note={moreRuns ? `The newest ${runs.length} are shown: the API lists all.` : undefined}
        actions={<a href={`${modelPath(model, 'configuration')}#policies`}>Policies ({policies.length})</a>}
      >
        <DataTable
          caption="Retraining runs, the newest first"
          captionHidden
          rows={runs}
          rowKey={({ runId }) => runId}
          stack
          empty={<NoRuns policies={policies.length} />}
          columns={[
            { header: 'Status', cell: ({ status }) => <RunState status={status} /> },
            { header: 'Policy', rowHeader: true, cell: (run) => <a href={runPath(run)}>{run.policy}</a> },
            { header: 'Why', cell: ({ reason }) => plainSentence(reason, 200) },
            { header: 'Version', cell: versions },
            { header: 'Asked for', cell: ({ requestedAtMs }) => <Instant atMs={requestedAtMs} /> },
            { header: 'Last change', cell: ({ updatedAtMs }) => <Instant atMs={updatedAtMs} />, narrow: 'hide' },
          ]}
        />
      </Panel>
    </>
  );
}

function versions({ version, newVersion }: RetrainingRun): string {
  return newVersion === '' ? version : `${version} → ${newVersion}`;
}

function NoRuns({ policies }: { readonly policies: number }) {
  if (policies > 0) {
    return (
      <EmptyState title="No run yet">
        The condition of no policy has been met so far: nobody was called to retrain this model.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No policy, so no runs" command="plumbline apply -f policy.yaml">
      A policy says when to retrain this model and whom to call; declare one in a file:
    </EmptyState>
  );
}
