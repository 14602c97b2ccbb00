import type { AlertFinding, AlertReport } from '@plumbline/contracts';
import {
  Ago,
  evidence,
  EmptyState,
  Facts,
  findingLine,
  formatThreshold,
  formatValue,
  Instant,
  methodName,
  Notice,
  Panel,
  plain,
  plainSentence,
  seriesName,
} from '@plumbline/report';
import { alertPath, featurePath, modelPath, withQuery } from '../../paths.js';
import type { Visit } from '../../visit.js';
import { RunList } from '../retraining/run-list.js';
import { AlertCharts } from './alert-charts.js';
import { AlertForms } from './alert-forms.js';
import { AlertHistory } from './alert-history.js';
import { AlertState } from './alert-table.js';
import { MessageTable } from './message-table.js';
import type { AlertPageData } from './read-alert-page.js';

/** An alert: what, since when, the evidence, what was done and who was told. */
export function AlertPage({ visit, data }: { readonly visit: Visit; readonly data: AlertPageData }) {
  const { alert, silences, runs, report, finding } = data;
  return (
    <>
      {silences.map(({ silenceId, author, comment, endsAtMs }) => (
        <Notice key={silenceId} tone="info" title="Silenced">
          by {plain(author, 60)} until <Instant atMs={endsAtMs} />: {plain(comment)}.{' '}
          <a href="/alerts#silences">All silences</a>
        </Notice>
      ))}
      <div class="with-side">
        <div class="stacked">
          <What data={data} />
          <AlertCharts data={data} />
          {report !== undefined && <Surroundings report={report} finding={finding} />}
          {runs.length > 0 && (
            <Panel title="Retraining">
              <RunList visit={visit} runs={runs} alertId={alert.alertId} />
            </Panel>
          )}
          <AlertHistory data={data} />
          <MessageTable messages={data.messages} alertId={alert.alertId} />
        </div>
        <div class="stacked">
          <Summary data={data} />
          <AlertForms visit={visit} data={data} />
        </div>
      </div>
    </>
  );
}

function What({ data: { alert, finding, history } }: { readonly data: AlertPageData }) {
  const last = history.findLast(({ to }) => to === 'firing');
  const { method, value, threshold } = alert;
  const numbers =
    finding === undefined
      ? evidence({ method, value, threshold, pValue: last?.pValue ?? NaN, nCurrent: last?.nCurrent ?? 0 })
      : evidence(finding);
  return (
    <Panel title="What happened">
      <p>{plainSentence(alert.firedBecause)}</p>
      {finding !== undefined && finding.change !== '' && <p>{plainSentence(finding.change)}</p>}
      {numbers.length > 0 && <p class="muted">{numbers.join(' · ')}</p>}
      {alert.status === 'resolved' && (
        <p>
          It is over{alert.resolvedBy !== '' && <>, ended by {plain(alert.resolvedBy, 60)}</>}:{' '}
          {plainSentence(alert.reason)}
        </p>
      )}
    </Panel>
  );
}

function Summary({ data: { alert, acknowledged, history } }: { readonly data: AlertPageData }) {
  const { model, version, monitor, segment, feature, method, value, threshold, firedAtMs, resolvedAtMs } = alert;
  const last = history.at(-1);
  const query = { version, ...(segment === '' ? {} : { segment }) };
  return (
    <Panel title="Summary">
      <Facts
        facts={[
          { term: 'State', value: <AlertState alert={alert} acknowledged={acknowledged} /> },
          {
            term: resolvedAtMs === undefined ? 'Firing since' : 'Fired',
            value: (
              <>
                <Instant atMs={firedAtMs} /> (<Ago atMs={firedAtMs} />)
              </>
            ),
          },
          ...(resolvedAtMs === undefined
            ? []
            : [
                {
                  term: 'Resolved',
                  value: (
                    <>
                      <Instant atMs={resolvedAtMs} /> (<Ago atMs={resolvedAtMs} />)
                    </>
                  ),
                },
              ]),
          { term: 'Model', value: <a href={modelPath(model)}>{model}</a> },
          { term: 'Version', value: version },
          ...(feature === ''
            ? []
            : [
                {
                  term: 'Feature',
                  value: <a href={withQuery(featurePath(model, feature), query)}>{plain(seriesName(feature))}</a>,
                },
              ]),
          ...(segment === '' ? [] : [{ term: 'Segment', value: plain(segment) }]),
          { term: 'Monitor', value: <a href={modelPath(model, 'configuration')}>{monitor}</a> },
          { term: 'Method', value: methodName(method) },
          { term: 'Value', value: formatValue(method, value) },
          ...(Number.isFinite(threshold) ? [{ term: 'Threshold', value: formatThreshold(method, threshold) }] : []),
          ...(last === undefined
            ? []
            : [
                {
                  term: 'Last change, window',
                  value: (
                    <>
                      <Instant atMs={last.windowStartMs} /> to <Instant atMs={last.windowEndMs} />
                      {last.revision > 0 && ` (revision ${last.revision})`}
                    </>
                  ),
                },
              ]),
        ]}
      />
    </Panel>
  );
}

/** What else was found in the window, and what had changed before it. */
function Surroundings({
  report,
  finding,
}: {
  readonly report: AlertReport;
  readonly finding: AlertFinding | undefined;
}) {
  const others = report.findings.filter((each) => each !== finding);
  const { recentChanges } = report;
  return (
    <Panel
      title="In the same window"
      note={
        <>
          <Instant atMs={report.windowStartMs} /> to <Instant atMs={report.windowEndMs} />, version {report.version}
        </>
      }
    >
      {others.length === 0 && recentChanges.length === 0 && (
        <EmptyState title="Nothing else moved">
          No other monitor found anything in this window, and no version, feature or traffic changed before it.
        </EmptyState>
      )}
      {others.length > 0 && (
        <>
          <h3>Also found</h3>
          <ul>
            {others.map((each) => (
              <li key={`${each.monitor}/${each.segment}/${each.feature}/${each.method}`}>
                {each.alertId === '' ? findingLine(each) : <a href={alertPath(each.alertId)}>{findingLine(each)}</a>}
              </li>
            ))}
            {report.moreFindings > 0 && <li>and {report.moreFindings} more</li>}
          </ul>
        </>
      )}
      {recentChanges.length > 0 && (
        <>
          <h3>What had changed</h3>
          <ul>
            {recentChanges.map(({ atMs, text }) => (
              <li key={`${atMs}/${text}`}>
                <Instant atMs={atMs} />: {plainSentence(text)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
