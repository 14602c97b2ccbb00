import {
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  VizLegendOptionsBuilder,
  GraphThresholdsStyleConfigBuilder,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatusHistory } from '@grafana/grafana-foundation-sdk/statushistory';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { CLICKHOUSE, sql } from './sql-target.js';

/** What every panel says of itself. */
interface About {
  readonly title: string;
  /** What is shown and how to read it. */
  readonly description: string;
  readonly unit: string;
  readonly query: string;
}

export const BLUE = 'blue';
const SEVERITIES = { ok: 'green', warning: 'orange', critical: 'red' } as const;

/** Lines over time: columns `time`, then numbers, or `time`, a text that names the line, and a number. */
export function lines({ title, description, unit, query }: About): TimeSeries {
  return new TimeSeries()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(CLICKHOUSE)
    .withTarget(sql(query))
    .lineWidth(1)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(true)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull']),
    );
}

/** The same as bars. */
export function bars(about: About): TimeSeries {
  return lines(about).drawStyle(GraphDrawStyle.Bars).fillOpacity(60).spanNulls(false).showPoints(VisibilityMode.Never);
}

/** Lines whose columns `warning` and `critical` are bounds, and `lower` and `upper` the ends of an interval. */
export function boundedLines(about: About): TimeSeries {
  const dashed = (color: string) => [
    { id: 'color', value: { mode: 'fixed', fixedColor: color } },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
    { id: 'custom.showPoints', value: 'never' },
  ];
  return lines(about)
    .overrideByRegexp('/warning$/', dashed(SEVERITIES.warning))
    .overrideByRegexp('/critical$/', dashed(SEVERITIES.critical))
    .overrideByName('lower', [
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
    ])
    .overrideByName('upper', [
      { id: 'custom.lineWidth', value: 0 },
      { id: 'custom.fillBelowTo', value: 'lower' },
      { id: 'custom.fillOpacity', value: 20 },
      { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
    ]);
}

/** One number. @param steps bounds from which it is orange and red */
export function figure(
  { title, description, unit, query }: About,
  steps?: { readonly warning: number; readonly critical: number },
): Stat {
  const panel = new Stat()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(CLICKHOUSE)
    .withTarget(sql(query, 'table'))
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue('–');
  return steps === undefined ? panel : panel.thresholds(thresholds(steps));
}

export function table({ title, description, unit, query }: About): Table {
  return new Table()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(CLICKHOUSE)
    .withTarget(sql(query, 'table'));
}

/** A row of coloured fields for each line: columns `time`, a name, a number. */
export function heatRows(about: About, steps: { readonly warning: number; readonly critical: number }): StatusHistory {
  const { title, description, unit, query } = about;
  return new StatusHistory()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(CLICKHOUSE)
    .withTarget(sql(query))
    .rowHeight(0.9)
    .thresholds(thresholds(steps));
}

/** Bars side by side over categories: a text, then numbers. */
export function columns({ title, description, unit, query }: About): BarChart {
  return new BarChart()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(CLICKHOUSE)
    .withTarget(sql(query, 'table'))
    .xTickLabelRotation(-45);
}

export function thresholds({
  warning,
  critical,
}: {
  readonly warning: number;
  readonly critical: number;
}): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: SEVERITIES.ok },
    { value: warning, color: SEVERITIES.warning },
    { value: critical, color: SEVERITIES.critical },
  ]);
}

/** A fixed bound, drawn as a dashed line. */
export function withBound(
  panel: TimeSeries,
  steps: { readonly warning: number; readonly critical: number },
): TimeSeries {
  return panel
    .thresholds(thresholds(steps))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

/** A link of a column's values to another dashboard; `${__data.fields.model}` and the like are filled in. */
export function columnLink(title: string, url: string): { id: string; value: unknown }[] {
  return [{ id: 'links', value: [{ title, url }] }];
}

/** A column that shows a severity in its colour. */
export const severityColumn = [
  { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
  {
    id: 'mappings',
    value: [
      {
        type: 'value',
        options: Object.fromEntries(
          Object.entries(SEVERITIES).map(([text, color], index) => [text, { text, color, index }]),
        ),
      },
    ],
  },
];

export function dashboardLink(title: string, uid: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type('link' as never)
    .url(`/d/${uid}`)
    .includeVars(true)
    .keepTime(true);
}
