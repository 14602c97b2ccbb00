import { formatValue } from '../method-name.js';
import { AXIS_LABEL, AXIS_LINE, SPLIT_LINE, TIME_LABEL } from './axis-style.js';
import { type ChartFrame, renderChart } from './render-chart.js';
import { wallClock } from './wall-clock.js';

export interface LinePoint {
  readonly atMs: number;
  /** NaN: a gap. */
  readonly value: number;
  /** Of its confidence interval; NaN where there is none. */
  readonly lower?: number;
  readonly upper?: number;
  /** Drawn hollow: it may change. */
  readonly provisional?: boolean;
  readonly tone?: 'warning' | 'critical' | undefined;
}

export interface Line {
  readonly name: string;
  /** Oldest first. */
  readonly points: readonly LinePoint[];
}

export interface LineBound {
  readonly at: number;
  readonly name: string;
  readonly tone: 'reference' | 'warning' | 'critical';
}

export interface LineChartOptions {
  readonly lines: readonly Line[];
  readonly bounds?: readonly LineBound[];
  /** In whose unit the values are. */
  readonly method: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
}

/** More points than this are a line without marks. */
const MAX_MARKS = 70;
export const BOUND_COLORS = {
  reference: 'var(--ink-3)',
  warning: 'var(--warning)',
  critical: 'var(--critical)',
} as const;

/** Returns the colour of the n-th line, in a chart and in its key. */
export function lineColor(index: number): string {
  return `var(--series-${(index % 6) + 1})`;
}

/** Returns lines over time with their confidence bands and the bounds that they should keep. */
export function lineChart(options: LineChartOptions, frame: ChartFrame): string {
  const { lines, bounds = [], method, fromMs, toMs, zone } = options;
  const [min, max] = extent(lines, bounds);
  const drawn = lines.map(({ name, points }, index) => ({
    name,
    color: lineColor(index),
    points: points.map((point) => ({ ...point, x: wallClock(point.atMs, zone) })),
  }));
  return renderChart(
    {
      useUTC: true,
      grid: { left: 52, right: 14, top: 12, bottom: 28 },
      xAxis: {
        type: 'time',
        min: wallClock(fromMs, zone),
        max: wallClock(toMs, zone),
        splitNumber: Math.max(2, Math.floor(frame.width / 90)),
        axisLabel: TIME_LABEL,
        axisLine: AXIS_LINE,
        axisTick: AXIS_LINE,
      },
      yAxis: {
        type: 'value',
        min,
        max,
        splitNumber: 4,
        axisLabel: {
          ...AXIS_LABEL,
          showMinLabel: false,
          showMaxLabel: false,
          formatter: (value: number) => formatValue(method, value),
        },
        splitLine: SPLIT_LINE,
      },
      series: [
        ...drawn.map(({ points, color }) => bandOf(points, color)),
        ...drawn.map(({ name, points, color }) => lineOf(name, points, color)),
        ...(bounds.length === 0 ? [] : [boundsOf(bounds, wallClock(fromMs, zone))]),
      ],
    },
    frame,
  );
}

type DrawnPoint = LinePoint & { readonly x: number };

function lineOf(name: string, points: readonly DrawnPoint[], color: string) {
  const marks = points.length <= MAX_MARKS;
  return {
    name,
    type: 'line',
    silent: true,
    connectNulls: false,
    showSymbol: marks,
    symbol: 'circle',
    symbolSize: 6,
    lineStyle: { color, width: 2 },
    data: points.map(({ x, value, provisional = false, tone }) => {
      const ink = tone === undefined ? color : BOUND_COLORS[tone];
      return {
        value: [x, Number.isFinite(value) ? value : '-'],
        symbol: tone === 'critical' ? 'diamond' : tone === 'warning' ? 'triangle' : 'circle',
        symbolSize: tone === undefined ? 6 : 10,
        itemStyle: {
          color: provisional ? 'var(--surface)' : ink,
          borderColor: ink,
          borderWidth: provisional ? 1.5 : 0,
        },
      };
    }),
    z: 3,
  };
}

interface DrawingApi {
  coord(value: readonly number[]): number[];
}

/** One polygon for each run of points with an interval: a gap stays a gap. */
function bandOf(points: readonly DrawnPoint[], color: string) {
  const runs: DrawnPoint[][] = [];
  let open = false;
  for (const point of points) {
    const known = Number.isFinite(point.lower) && Number.isFinite(point.upper);
    if (known && open) runs.at(-1)!.push(point);
    else if (known) runs.push([point]);
    open = known;
  }
  return {
    type: 'custom',
    silent: true,
    clip: true,
    data: runs.map((_, index) => [index]),
    renderItem: ({ dataIndex }: { readonly dataIndex: number }, api: DrawingApi) => {
      const run = runs[dataIndex] ?? [];
      const upper = run.map(({ x, upper: y = NaN }) => api.coord([x, y]));
      const lower = run.map(({ x, lower: y = NaN }) => api.coord([x, y])).reverse();
      return {
        type: 'polygon',
        shape: { points: [...upper, ...lower] },
        style: { fill: color, opacity: 0.18 },
      };
    },
    z: 1,
  };
}

function boundsOf(bounds: readonly LineBound[], x: number) {
  return {
    type: 'line',
    silent: true,
    lineStyle: { color: 'var(--line)' },
    data: [[x, '-']],
    markLine: {
      symbol: 'none',
      silent: true,
      animation: false,
      data: bounds.map(({ at, tone }) => ({
        yAxis: at,
        lineStyle: { color: BOUND_COLORS[tone], width: 1.5, type: tone === 'reference' ? 'solid' : 'dashed' },
        // In the key above the chart: beside the line it would stand on the data.
        label: { show: false },
      })),
    },
    z: 2,
  };
}

/** What the axis has to hold: values and bounds, and intervals as far as they do not dwarf these. */
function extent(lines: readonly Line[], bounds: readonly LineBound[]): readonly [number, number] {
  const points = lines.flatMap((line) => line.points);
  const firm = [...points.map(({ value }) => value), ...bounds.map(({ at }) => at)].filter((value) =>
    Number.isFinite(value),
  );
  if (firm.length === 0) return [0, 1];
  const least = firm.reduce((min, value) => Math.min(min, value));
  const most = firm.reduce((max, value) => Math.max(max, value));
  const room = Math.max(most - least, Math.abs(most) * 0.02, 1e-9);
  const reach = (value: number | undefined): boolean =>
    value !== undefined && value >= least - 2 * room && value <= most + 2 * room;
  const ends = points.flatMap(({ lower, upper }) => [lower, upper]).filter(reach) as number[];
  const low = ends.reduce((min, value) => Math.min(min, value), least);
  const high = ends.reduce((max, value) => Math.max(max, value), most);
  const margin = Math.max(high - low, room) * 0.08;
  // A share or a count has no part below zero.
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}
