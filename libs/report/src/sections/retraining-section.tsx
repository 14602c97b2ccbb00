import type { ReportedRetrainingRun, RetrainingRunStatus } from '@plumbline/contracts';
import { formatNumber } from '../format-number.js';
import { webAddress } from '../message-outline.js';
import { Badge, type Tone } from '../page/badge.js';
import { DataTable } from '../page/data-table.js';
import { Instant } from '../page/instant.js';
import { Panel } from '../page/panel.js';
import { LinkedName, Name, Sentence } from './user-text.js';

export interface RetrainingSectionProps {
  readonly runs: readonly ReportedRetrainingRun[];
  readonly moreRuns: number;
  /** Page of a run, where there is one. */
  readonly hrefOf?: (runId: string) => string;
}

const TONES: Readonly<Record<RetrainingRunStatus, Tone>> = {
  requested: 'info',
  awaiting_approval: 'warning',
  approved: 'info',
  refused: 'neutral',
  dry_run: 'neutral',
  triggered: 'info',
  running: 'info',
  succeeded: 'info',
  failed: 'critical',
  timed_out: 'critical',
  verified: 'ok',
  rejected: 'warning',
  cancelled: 'neutral',
};

/** Runs of the retraining pipeline in the range, newest first, and how the new version compares. */
export function RetrainingSection({ runs, moreRuns, hrefOf }: RetrainingSectionProps) {
  return (
    <Panel title="Retraining" id="retraining">
      <DataTable
        caption="Retraining runs"
        captionHidden
        stack
        empty={<p class="muted">Nothing was retrained in this time, and nothing waits for it.</p>}
        columns={[
          {
            header: 'Policy',
            rowHeader: true,
            cell: ({ policy, runId }) => <LinkedName text={policy} href={hrefOf?.(runId)} />,
          },
          {
            header: 'Status',
            cell: ({ status }) => <Badge tone={TONES[status]}>{sentenceCase(status)}</Badge>,
          },
          { header: 'Requested', cell: ({ requestedAtMs }) => <Instant atMs={requestedAtMs} /> },
          { header: 'Last change', cell: ({ updatedAtMs }) => <Instant atMs={updatedAtMs} /> },
          {
            header: 'Versions',
            cell: ({ version, newVersion }) => (
              <>
                <Name text={version} />
                {newVersion !== '' && (
                  <>
                    {' → '}
                    <Name text={newVersion} />
                  </>
                )}
              </>
            ),
          },
          {
            header: 'What came of it',
            cell: ({ reason, detail, comparison, externalUrl }) => {
              const address = webAddress(externalUrl);
              return (
                <span class="wide-cell">
                  <Sentence text={comparison?.sentence || detail || reason} />
                  {address !== undefined && (
                    <>
                      {' '}
                      <a href={address} rel="noreferrer">
                        Open the run
                      </a>
                    </>
                  )}
                </span>
              );
            },
          },
        ]}
        rows={runs}
        rowKey={({ runId }) => runId}
      />
      {moreRuns > 0 && <p class="note">and {formatNumber(moreRuns)} more runs</p>}
    </Panel>
  );
}

function sentenceCase(status: string): string {
  return `${status.charAt(0).toUpperCase()}${status.slice(1).replaceAll('_', ' ')}`;
}
