import type { DriftHeatMap, DriftLevel } from '@plumbline/contracts';
import { seriesName } from '../method-name.js';
import { plain } from '../plain.js';
import { AXIS_LABEL, AXIS_LINE, TIME_LABEL } from './axis-style.js';
import { type ChartFrame, renderChart } from './render-chart.js';
import { wallClock } from './wall-clock.js';

const ROW = 24;
const FOOT = 30;
const HEAD = 4;
/** A sign needs so much room in a cell. */
const MIN_SIGN_WIDTH = 11;

/** Colour of a level, and the sign that says it without colour. */
export const LEVEL_STYLES: Readonly<
  Record<DriftLevel, { readonly fill: string; readonly ink: string; readonly sign: string; readonly word: string }>
> = {
  low: { fill: 'var(--ok-soft)', ink: 'var(--ok)', sign: '', word: 'below half the threshold' },
  near: { fill: 'var(--heat-near)', ink: 'var(--ink)', sign: '', word: 'from half the threshold on' },
  warning: { fill: 'var(--heat-warning)', ink: 'var(--heat-ink)', sign: '▲', word: 'warning' },
  critical: { fill: 'var(--heat-critical)', ink: 'var(--heat-ink-critical)', sign: '◆', word: 'critical' },
  unknown: { fill: 'var(--surface-2)', ink: 'var(--ink-3)', sign: '·', word: 'too little data to tell' },
};

/** The signs as shapes about the middle of a cell, in pixels. */
const MARKS: Readonly<Partial<Record<DriftLevel, readonly (readonly [number, number])[]>>> = {
  warning: [
    [0, -4],
    [4, 3.5],
    [-4, 3.5],
  ],
  critical: [
    [0, -4.5],
    [4, 0],
    [0, 4.5],
    [-4, 0],
  ],
  unknown: [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ],
};

/** Returns the height that the chart of so many features needs, in pixels. */
export function heatMapHeight(rows: number): number {
  return HEAD + rows * ROW + FOOT;
}

interface DrawingApi {
  coord(value: readonly number[]): number[];
  size(value: readonly number[]): number[];
}

/** Returns features by time, each cell coloured by the worst window that ends in it. */
export function heatMapChart(
  { rows, startMs, columnMs, columns }: DriftHeatMap,
  zone: string,
  frame: Omit<ChartFrame, 'height'>,
): string {
  const labelWidth = Math.min(170, Math.round(frame.width * 0.32));
  const cells = rows.flatMap(({ levels }, row) =>
    levels.flatMap((level, column) => (level === undefined ? [] : [{ row, column, level }])),
  );
  const edges = Array.from({ length: columns + 1 }, (_, column) => wallClock(startMs + column * columnMs, zone));
  return renderChart(
    {
      useUTC: true,
      grid: { left: labelWidth, right: 14, top: HEAD, bottom: FOOT - 4 },
      xAxis: {
        type: 'time',
        min: edges[0],
        max: edges.at(-1),
        splitNumber: Math.max(2, Math.floor((frame.width - labelWidth) / 80)),
        axisLabel: TIME_LABEL,
        axisLine: AXIS_LINE,
        axisTick: AXIS_LINE,
        splitLine: { show: false },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ feature }) => plain(seriesName(feature), 60)),
        axisLabel: { ...AXIS_LABEL, color: 'var(--ink)', width: labelWidth - 14, overflow: 'truncate', interval: 0 },
        axisLine: { show: false },
        axisTick: { show: false },
      },
      series: [
        {
          type: 'custom',
          silent: true,
          data: cells.map(({ row, column }) => [edges[column], row]),
          renderItem: ({ dataIndex }: { readonly dataIndex: number }, api: DrawingApi) => {
            const { row, column, level } = cells[dataIndex]!;
            const [left = 0, middle = 0] = api.coord([edges[column]!, row]);
            const [right = 0] = api.coord([edges[column + 1]!, row]);
            const height = ROW - 3;
            const width = Math.max(1, right - left - (right - left > 8 ? 2 : 0.5));
            const { fill, ink } = LEVEL_STYLES[level];
            const rect = {
              type: 'rect',
              shape: { x: left + 1, y: middle - height / 2, width, height, r: 2 },
              style: { fill },
            };
            const mark = MARKS[level];
            if (mark === undefined || width < MIN_SIGN_WIDTH) return rect;
            // Shapes, not letters: a letter takes ten times as long to be set.
            const points = mark.map(([x, y]) => [left + 1 + width / 2 + x, middle + y]);
            return { type: 'group', children: [rect, { type: 'polygon', shape: { points }, style: { fill: ink } }] };
          },
        },
      ],
    },
    { ...frame, height: heatMapHeight(rows.length) },
  );
}
