import type { Measurement } from '@plumbline/contracts';
import {
  DataTable,
  DistributionFigure,
  EmptyState,
  Facts,
  formatNumber,
  formatPercent,
  formatThreshold,
  formatValue,
  Instant,
  methodName,
  Panel,
  plain,
  plainSentence,
  seriesName,
  SeverityBadge,
} from '@plumbline/report';
import type { Alert } from '@plumbline/storage';
import { alertPath } from '../../paths.js';
import { SeriesChart } from '../series-chart.js';
import type { FeaturePageData, FeatureWindow } from './read-feature-page.js';

export interface FeaturePageProps {
  readonly data: FeaturePageData;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the feature, worst first. */
  readonly openAlerts: readonly Alert[];
}

/** A feature: how its values lie beside the reference, its drift over time, and how many of them are bad. */
export function FeaturePage({ data, fromMs, toMs, openAlerts }: FeaturePageProps) {
  const { feature, known, importance, summaries, drift, quality, windows } = data;
  const name = plain(seriesName(feature), 60);
  return (
    <div class="stacked">
      <Panel title="Feature">
        <Facts
          facts={[
            { term: 'Kind', value: known?.kind ?? 'what the model answers' },
            { term: 'Importance', value: importance === undefined ? 'not known' : formatPercent(importance) },
            {
              term: 'Alerts',
              value:
                openAlerts.length === 0
                  ? 'none fires'
                  : openAlerts.map(({ alertId, severity, method, segment }) => (
                      <p key={alertId}>
                        <SeverityBadge severity={severity} />{' '}
                        <a href={alertPath(alertId)}>
                          {methodName(method)}
                          {segment !== '' && ` in ${plain(segment, 60)}`}
                        </a>
                      </p>
                    )),
            },
          ]}
        />
      </Panel>
      {windows.length === 0 ? (
        <Panel title="Reference beside the window">
          <EmptyState title="Not compared with a reference in this range">
            Either no window of the range is over yet, or nobody has said what is normal: then upload a reference. A
            longer range may show older windows.
          </EmptyState>
        </Panel>
      ) : (
        <div class="grid">
          {windows.map((window) => (
            <WindowPanel key={window.which} window={window} name={name} />
          ))}
        </div>
      )}
      {drift.length > 0 && (
        <Panel title={`${methodName(drift[0]!.method)} over time`} note="Each window stands at its middle.">
          <SeriesChart
            measurements={drift}
            fromMs={fromMs}
            toMs={toMs}
            title={`${methodName(drift[0]!.method)} of ${name}`}
          />
        </Panel>
      )}
      <Quality quality={quality} name={name} fromMs={fromMs} toMs={toMs} />
      {summaries.length > 0 && <Summaries data={data} />}
    </div>
  );
}

function WindowPanel({
  window: { which, version, point, change, distribution },
  name,
}: {
  readonly window: FeatureWindow;
  readonly name: string;
}) {
  return (
    <Panel
      title={which === 'newest' ? 'Newest window' : 'Worst window'}
      actions={<SeverityBadge severity={point.severity} />}
      note={
        <>
          <Instant atMs={point.dataStartMs} /> to <Instant atMs={point.windowEndMs} />, version {version},{' '}
          {formatNumber(point.nCurrent)} rows against {formatNumber(point.nReference)}
        </>
      }
    >
      {change !== '' && <p>{plainSentence(change)}</p>}
      {distribution === undefined ? (
        <p class="muted">
          {plainSentence(point.reason)}. Its distribution cannot be drawn: too few values, or cells that were counted in
          other bins.
        </p>
      ) : (
        <DistributionFigure
          distribution={distribution}
          title={`Distribution of ${name}, reference and ${which} window`}
        />
      )}
    </Panel>
  );
}

interface QualityProps {
  readonly quality: readonly (readonly Measurement[])[];
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rates of bad values: those that were never above 0 are told of in a sentence. */
function Quality({ quality, name, fromMs, toMs }: QualityProps) {
  const bad = quality.filter((rates) => rates.some(({ value }) => value > 0));
  const clean = quality.filter((rates) => !bad.includes(rates)).map((rates) => methodName(rates[0]?.method ?? ''));
  return (
    <Panel title="Bad values" note={bad.length > 0 ? 'Share of the rows of each window.' : undefined}>
      {quality.length === 0 && <p class="muted">The quality of values was not measured in this range.</p>}
      {bad.map((rates) => (
        <div key={rates[0]!.method}>
          <h3>{methodName(rates[0]!.method)}</h3>
          <SeriesChart
            measurements={rates}
            fromMs={fromMs}
            toMs={toMs}
            title={`${methodName(rates[0]!.method)} of ${name}`}
          />
        </div>
      ))}
      {clean.length > 0 && <p>None in any window of the range: {clean.join(', ')}.</p>}
    </Panel>
  );
}

function Summaries({ data: { summaries } }: { readonly data: FeaturePageData }) {
  return (
    <Panel title="Everything that was measured">
      <DataTable
        caption="Series of the feature"
        captionHidden
        stack
        rows={summaries}
        rowKey={({ version, monitor, method }) => `${version}/${monitor}/${method}`}
        columns={[
          { header: 'Method', rowHeader: true, cell: ({ method }) => methodName(method) },
          { header: 'Monitor', cell: ({ monitor }) => monitor, narrow: 'hide' },
          { header: 'Version', cell: ({ version }) => version },
          {
            header: 'Now',
            cell: ({ decides, newest }) =>
              decides ? <SeverityBadge severity={newest.severity} /> : <span class="muted">recorded</span>,
          },
          { header: 'Newest', numeric: true, cell: ({ method, newest }) => formatValue(method, newest.value) },
          { header: 'Worst', numeric: true, cell: ({ method, worst }) => formatValue(method, worst.value) },
          {
            header: 'Threshold',
            numeric: true,
            cell: ({ method, newest: { thresholdWarning, thresholdCritical } }) => {
              const threshold = Number.isNaN(thresholdWarning) ? thresholdCritical : thresholdWarning;
              return Number.isNaN(threshold) ? '–' : formatThreshold(method, threshold);
            },
          },
          { header: 'Out of bounds', cell: ({ breaches, windows }) => `${breaches} of ${windows} windows` },
        ]}
      />
    </Panel>
  );
}
