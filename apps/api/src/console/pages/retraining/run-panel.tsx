import type { RetrainingEvent, RetrainingRun } from '@plumbline/contracts';
import {
  DataTable,
  Facts,
  formatNumber,
  formatPValue,
  Instant,
  methodName,
  Panel,
  plain,
  plainSentence,
  webAddress,
} from '@plumbline/report';
import { alertPath } from '../../paths.js';
import type { Visit } from '../../visit.js';
import { RunDecision } from './run-decision.js';
import { RunState } from './run-state.js';

export interface RunPanelProps {
  readonly visit: Visit;
  readonly run: RetrainingRun;
  /** The oldest first. */
  readonly events: readonly RetrainingEvent[];
}

/** A retraining run with all that happened to it, the comparison of the versions, and the decision where it waits for one. */
export function RunPanel({ visit, run, events }: RunPanelProps) {
  const { policy, version, newVersion, reason, alertIds, externalId, externalUrl, requestedAtMs, detail } = run;
  const address = webAddress(externalUrl);
  return (
    <Panel title={`Run of policy ${policy}`} id="run" actions={<RunState status={run.status} />}>
      <p>{plainSentence(reason, 1_000)}</p>
      {detail !== '' && detail !== reason && <p>{plainSentence(detail, 1_000)}</p>}
      <RunDecision visit={visit} run={run} />
      <Facts
        facts={[
          { term: 'Asked for', value: <Instant atMs={requestedAtMs} form="second" /> },
          { term: 'Of version', value: version },
          { term: 'New version', value: newVersion === '' ? 'none yet' : newVersion },
          ...(alertIds.length === 0 ? [] : [{ term: 'Because of', value: <Causes alertIds={alertIds} /> }]),
          ...(externalId === '' && address === undefined
            ? []
            : [
                {
                  term: 'In the pipeline',
                  value:
                    address === undefined ? (
                      plain(externalId)
                    ) : (
                      <a href={address} rel="noreferrer">
                        {plain(externalId) || 'open'}
                      </a>
                    ),
                },
              ]),
        ]}
      />
      <Comparison run={run} />
      <h3>History</h3>
      <DataTable
        caption="What happened to the run"
        captionHidden
        rows={events}
        rowKey={({ eventId }) => eventId}
        stack
        empty={<p class="muted">Nothing has happened since it was asked for.</p>}
        columns={[
          { header: 'When', cell: ({ atMs }) => <Instant atMs={atMs} form="second" /> },
          { header: 'Status', rowHeader: true, cell: ({ to }) => to.replaceAll('_', ' ') },
          { header: 'By', cell: ({ who }) => plain(who, 100) },
          { header: 'Detail', cell: (event) => plainSentence(event.detail, 2_000) },
        ]}
      />
    </Panel>
  );
}

function Causes({ alertIds }: { readonly alertIds: readonly string[] }) {
  return (
    <>
      {alertIds.slice(0, 5).map((alertId, index) => (
        <div key={alertId}>
          <a href={alertPath(alertId)}>alert {alertIds.length === 1 ? '' : index + 1}</a>
        </div>
      ))}
      {alertIds.length > 5 && <div>and {alertIds.length - 5} more</div>}
    </>
  );
}

function Comparison({ run: { comparison } }: { readonly run: RetrainingRun }) {
  if (comparison === undefined) return null;
  return (
    <>
      <h3>The new version beside the old one</h3>
      <p>{plainSentence(comparison.sentence, 1_000)}</p>
      {comparison.metrics.length > 0 && (
        <DataTable
          caption="Metrics of both versions"
          captionHidden
          rows={comparison.metrics}
          rowKey={({ metric }) => metric}
          columns={[
            { header: 'Metric', rowHeader: true, cell: ({ metric }) => methodName(metric) },
            { header: `Old (${comparison.old_version})`, numeric: true, cell: ({ old }) => formatNumber(old.value) },
            { header: `New (${comparison.new_version})`, numeric: true, cell: (row) => formatNumber(row.new.value) },
            { header: 'p', numeric: true, cell: ({ p_value: p }) => (p === null ? '–' : formatPValue(p)) },
            { header: 'Verdict', cell: ({ verdict }) => verdict.replaceAll('_', ' ') },
          ]}
        />
      )}
    </>
  );
}
