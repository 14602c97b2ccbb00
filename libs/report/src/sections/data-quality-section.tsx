import type { ModelDataQuality, SeriesSummary } from '@plumbline/contracts';
import { useContext } from 'preact/hooks';
import { lineChart } from '../charts/line-chart.js';
import { formatDuration } from '../format-instant.js';
import { formatNumber } from '../format-number.js';
import { formatThreshold, formatValue, methodName, seriesName } from '../method-name.js';
import { type Column, DataTable } from '../page/data-table.js';
import { EmptyState } from '../page/empty-state.js';
import { Instant } from '../page/instant.js';
import { Panel } from '../page/panel.js';
import { SeverityBadge } from '../page/severity-badge.js';
import { ViewerContext } from '../page/viewer.js';
import { Chart } from './chart.js';
import { LinkedName, Name } from './user-text.js';

export interface DataQualitySectionProps {
  readonly dataQuality: ModelDataQuality;
  readonly fromMs: number;
  readonly toMs: number;
  /** Page of a feature, where there is one. */
  readonly hrefOf?: (feature: string) => string;
}

/** Values that are missing, of the wrong type, unknown or out of range; predictions, their errors and latency. */
export function DataQualitySection({ dataQuality, fromMs, toMs, hrefOf }: DataQualitySectionProps) {
  const { quality, moreQuality, features, traffic, volume } = dataQuality;
  const { zone } = useContext(ViewerContext);
  const total = volume.predictions.reduce((sum, n) => sum + n, 0);
  const every = formatDuration(volume.columnMs).replace(/^1 /, '');
  return (
    <Panel title="Data quality and traffic" id="data-quality">
      {quality.length > 0 ? (
        <DataTable
          caption={`Bad values, worst first (of ${formatNumber(features)} feature${features === 1 ? '' : 's'})`}
          stack
          columns={columnsOf(hrefOf)}
          rows={quality}
          rowKey={({ version, monitor, feature, method }) => JSON.stringify([version, monitor, feature, method])}
        />
      ) : (
        <p>
          {features === 0
            ? 'The quality of values was not measured in this time.'
            : `No bad values in ${formatNumber(features)} feature${features === 1 ? '' : 's'}: none missing, of the wrong type, unknown to the reference or out of its range.`}
        </p>
      )}
      {moreQuality > 0 && <p class="note">and {formatNumber(moreQuality)} more series with fewer bad values</p>}
      <h3>Predictions per {every}</h3>
      {total === 0 ? (
        <EmptyState title="No predictions in this time">
          <p>Choose a longer time, or see whether the service still logs.</p>
        </EmptyState>
      ) : (
        <Chart
          draw={(width) =>
            lineChart(
              {
                lines: [
                  {
                    name: 'predictions',
                    points: volume.predictions.map((value, column) => ({
                      atMs: volume.startMs + (column + 0.5) * volume.columnMs,
                      value,
                    })),
                  },
                ],
                method: 'volume',
                fromMs,
                toMs,
                zone,
              },
              {
                width,
                height: 160,
                title: `Predictions per ${every}`,
                description: `${formatNumber(Math.round(total))} predictions in all`,
              },
            )
          }
        />
      )}
      {traffic.length > 0 && (
        <DataTable
          caption="Traffic and service"
          stack
          columns={[
            { header: 'Metric', rowHeader: true, cell: ({ method }) => methodName(method) },
            { header: 'Version', cell: ({ version }) => <Name text={version} /> },
            ...stateColumns,
          ]}
          rows={traffic}
          rowKey={({ version, monitor, method }) => JSON.stringify([version, monitor, method])}
        />
      )}
    </Panel>
  );
}

const stateColumns: Column<SeriesSummary & { readonly replaced?: boolean }>[] = [
  {
    header: 'Now',
    cell: ({ decides, newest, replaced = false }) =>
      replaced ? (
        <span class="muted">replaced</span>
      ) : decides ? (
        <SeverityBadge severity={newest.severity} />
      ) : (
        <span class="muted">recorded</span>
      ),
  },
  { header: 'Newest', numeric: true, cell: ({ method, newest }) => formatValue(method, newest.value) },
  { header: 'Worst', numeric: true, cell: ({ method, worst }) => formatValue(method, worst.value) },
  {
    header: 'Threshold',
    numeric: true,
    cell: ({ method, newest }) => {
      const threshold = Number.isNaN(newest.thresholdWarning) ? newest.thresholdCritical : newest.thresholdWarning;
      return Number.isNaN(threshold) ? '–' : formatThreshold(method, threshold);
    },
  },
  {
    header: 'Out of bounds',
    cell: ({ firstBreachMs, breaches, windows }) =>
      firstBreachMs === undefined ? (
        <span class="muted">never</span>
      ) : (
        <>
          <span class="nowrap">
            {breaches} of {windows} windows
          </span>
          , first <Instant atMs={firstBreachMs} form="day" />
        </>
      ),
  },
];

function columnsOf(hrefOf: DataQualitySectionProps['hrefOf']): Column<ModelDataQuality['quality'][number]>[] {
  return [
    {
      header: 'Feature',
      rowHeader: true,
      cell: ({ feature }) => <LinkedName text={seriesName(feature)} href={hrefOf?.(feature)} />,
    },
    { header: 'What', cell: ({ method }) => methodName(method) },
    { header: 'Version', cell: ({ version }) => <Name text={version} /> },
    ...stateColumns,
  ];
}
