import type { ModelPerformance, PerformanceSeries } from '@plumbline/contracts';
import { useContext } from 'preact/hooks';
import { BOUND_COLORS, type LineBound, lineChart, lineColor } from '../charts/line-chart.js';
import { formatNumber, formatPercent } from '../format-number.js';
import { formatValue, methodName } from '../method-name.js';
import { DataTable } from '../page/data-table.js';
import { EmptyState } from '../page/empty-state.js';
import { Instant } from '../page/instant.js';
import { Meter } from '../page/meter.js';
import { Panel } from '../page/panel.js';
import { SeverityBadge } from '../page/severity-badge.js';
import { ViewerContext } from '../page/viewer.js';
import { plain } from '../plain.js';
import { Chart } from './chart.js';
import { ColorKey } from './color-key.js';
import { Name } from './user-text.js';

/** What people ask for first; averages over classes and the like are a fold away. */
const COMMON_METRICS: readonly string[] = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'roc_auc',
  'log_loss',
  'mae',
  'rmse',
  'mape',
  'r2',
  'bias',
];

export interface PerformanceSectionProps {
  readonly performance: ModelPerformance;
  /** Ends of the time axis. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** How well the model did by its labels: metrics over time with their confidence bands, label coverage, every metric of the newest window. */
export function PerformanceSection({ performance: { drawn, summaries }, fromMs, toMs }: PerformanceSectionProps) {
  if (summaries.length === 0) {
    return (
      <Panel title="Performance" id="performance">
        <EmptyState title="No labels in this time">
          <p>
            How well a model does is known once labels are: log the true answer of each prediction under the same
            prediction id when it becomes known, hours or weeks later. Its window is then measured again.
          </p>
        </EmptyState>
      </Panel>
    );
  }
  const metrics = [...new Set(drawn.map(({ metric }) => metric))];
  const [first] = metrics;
  const covered = drawn.filter(({ metric }) => metric === first);
  const told = summaries.filter(({ decides, newest }) => decides || Number.isFinite(newest.value));
  const shown = told.filter(({ decides, method }) => decides || COMMON_METRICS.includes(method));
  const others = told.filter((summary) => !shown.includes(summary));
  return (
    <Panel
      title="Performance"
      id="performance"
      note="Shaded: the confidence interval. Hollow: more labels are expected. Each window stands at its middle."
    >
      {metrics.map((metric) => (
        <MetricChart key={metric} series={drawn.filter((each) => each.metric === metric)} fromMs={fromMs} toMs={toMs} />
      ))}
      {covered.length > 0 && <Coverage series={covered} />}
      <MetricTable caption="Metrics in the newest window" rows={shown} />
      {others.length > 0 && (
        <details>
          <summary>{formatNumber(others.length)} more metrics, recorded</summary>
          <MetricTable caption="More metrics in the newest window" rows={others} />
        </details>
      )}
    </Panel>
  );
}

/** Metrics with their values on the reference. */
function MetricTable({ caption, rows }: { readonly caption: string; readonly rows: ModelPerformance['summaries'] }) {
  return (
    <DataTable
      caption={caption}
      stack
      columns={[
        { header: 'Metric', rowHeader: true, cell: ({ method }) => methodName(method) },
        { header: 'Version', cell: ({ version }) => <Name text={version} /> },
        {
          header: 'Now',
          cell: ({ decides, newest: { severity } }) =>
            decides ? <SeverityBadge severity={severity} /> : <span class="muted">recorded</span>,
        },
        { header: 'Value', numeric: true, cell: ({ method, newest: { value } }) => formatValue(method, value) },
        {
          header: 'Reference',
          numeric: true,
          cell: ({ method, reference }) => (reference === undefined ? '–' : formatValue(method, reference)),
        },
        {
          header: 'Worse by',
          numeric: true,
          cell: ({ newest: { effect } }) => (Number.isFinite(effect) ? formatPercent(effect) : '–'),
        },
        { header: 'Labels', numeric: true, cell: ({ newest: { nCurrent } }) => formatNumber(nCurrent) },
        { header: 'Window ends', cell: ({ newest: { windowEndMs } }) => <Instant atMs={windowEndMs} /> },
      ]}
      rows={rows}
      rowKey={({ version, monitor, method }) => JSON.stringify([version, monitor, method])}
    />
  );
}

interface MetricChartProps {
  readonly series: readonly PerformanceSeries[];
  readonly fromMs: number;
  readonly toMs: number;
}

function MetricChart({ series, fromMs, toMs }: MetricChartProps) {
  const { zone } = useContext(ViewerContext);
  const [first] = series;
  if (first === undefined) return null;
  const { metric } = first;
  const name = methodName(metric);
  const bounds = boundsOf(first);
  const lines = series.map(({ version, points }) => ({
    name: `version ${plain(version, 40)}`,
    points: points.map((point) => ({
      atMs: (point.windowStartMs + point.windowEndMs) / 2,
      value: point.value,
      lower: point.lower,
      upper: point.upper,
      provisional: point.provisional,
      tone: point.severity === 'critical' || point.severity === 'warning' ? point.severity : undefined,
    })),
  }));
  return (
    <>
      <h3>{name.charAt(0).toUpperCase() + name.slice(1)}</h3>
      <ColorKey
        entries={[
          ...lines.map((line, index) => ({ name: line.name, color: lineColor(index), line: 'solid' as const })),
          ...bounds.map(({ name: bound, at, tone }) => ({
            name: `${bound} ${formatValue(metric, at)}`,
            color: BOUND_COLORS[tone],
            line: tone === 'reference' ? ('solid' as const) : ('dashed' as const),
          })),
        ]}
      />
      <Chart
        draw={(width) =>
          lineChart(
            { lines, bounds, method: metric, fromMs, toMs, zone },
            { width, height: 230, title: `${name} over time`, description: series.map(inWords).join('. ') },
          )
        }
      />
    </>
  );
}

/** Of the newest version: those of others are beside their values in the table. */
function boundsOf({ reference, warningAt, criticalAt }: PerformanceSeries): LineBound[] {
  return [
    ...(reference === undefined ? [] : [{ at: reference, name: 'reference', tone: 'reference' as const }]),
    ...(warningAt === undefined ? [] : [{ at: warningAt, name: 'warning', tone: 'warning' as const }]),
    ...(criticalAt === undefined ? [] : [{ at: criticalAt, name: 'critical', tone: 'critical' as const }]),
  ];
}

function inWords({ metric, version, points }: PerformanceSeries): string {
  const known = points.filter(({ value }) => Number.isFinite(value));
  const last = known.at(-1);
  if (last === undefined) return `Version ${plain(version, 40)}: not known in any window`;
  const values = known.map(({ value }) => value);
  const between = `${formatValue(metric, Math.min(...values))} to ${formatValue(metric, Math.max(...values))}`;
  return `Version ${plain(version, 40)}: ${known.length} windows, ${between}, ${formatValue(metric, last.value)} in the last`;
}

/** How many of the predictions had a label, in the newest window and over all. */
function Coverage({ series }: { readonly series: readonly PerformanceSeries[] }) {
  return (
    <DataTable
      caption="Label coverage"
      columns={[
        { header: 'Version', rowHeader: true, cell: ({ version }) => <Name text={version} /> },
        {
          header: 'All windows',
          cell: ({ points }) => <Meter share={coverageOf(points)} label="predictions with a label" />,
        },
        {
          header: 'Newest window',
          cell: ({ points }) => (
            <Meter
              share={points.findLast(({ coverage }) => Number.isFinite(coverage))?.coverage ?? NaN}
              label="predictions with a label"
            />
          ),
        },
        {
          header: 'Labels',
          numeric: true,
          cell: ({ points }) => formatNumber(points.reduce((sum, { nLabelled }) => sum + nLabelled, 0)),
        },
        {
          header: 'State',
          narrow: 'hide',
          cell: ({ points }) => {
            const open = points.filter(({ provisional }) => provisional).length;
            return open === 0 ? 'final' : `${open} of ${points.length} windows await labels`;
          },
        },
      ]}
      rows={series}
      rowKey={({ version }) => version}
    />
  );
}

/** Labels of all windows by predictions of all windows: that is what a share of each stands for. */
function coverageOf(points: PerformanceSeries['points']): number {
  let labelled = 0;
  let predicted = 0;
  for (const { nLabelled, coverage } of points) {
    if (!(coverage > 0)) continue;
    labelled += nLabelled;
    predicted += nLabelled / coverage;
  }
  return predicted === 0 ? NaN : labelled / predicted;
}
