import { renderChart } from './render-chart.js';

export interface SparklineOptions {
  readonly title: string;
  /** Drawn as a dashed line: what the values are beside. */
  readonly threshold?: number;
  readonly width?: number;
  readonly height?: number;
}

/** Returns values over time as a line without axes; NaN is a gap. Values beyond four times the threshold are drawn as that. */
export function sparkline(
  values: readonly number[],
  { title, threshold = NaN, width = 120, height = 28 }: SparklineOptions,
): string {
  const bounded = Number.isFinite(threshold);
  const ceiling = bounded ? 4 * threshold : Infinity;
  const drawn = values.map((value) => (Number.isFinite(value) ? Math.min(value, ceiling) : NaN));
  const known = drawn.filter((value) => !Number.isNaN(value));
  const max = known.reduce((most, value) => Math.max(most, value), bounded ? threshold : 0);
  const min = known.reduce((least, value) => Math.min(least, value), 0);
  return renderChart(
    {
      grid: { left: 3, right: 3, top: 3, bottom: 3 },
      xAxis: { type: 'category', show: false, boundaryGap: false, data: drawn.map((_, index) => index) },
      yAxis: { type: 'value', show: false, min, max: max > min ? max * 1.05 : min + 1 },
      series: [
        {
          type: 'line',
          silent: true,
          // A line of one point is not seen.
          showSymbol: known.length < 2,
          symbolSize: 4,
          lineStyle: { color: 'var(--series-1)', width: 1.5 },
          itemStyle: { color: 'var(--series-1)' },
          data: drawn.map((value) => (Number.isNaN(value) ? '-' : value)),
          ...(bounded && {
            markLine: {
              symbol: 'none',
              silent: true,
              label: { show: false },
              lineStyle: { color: 'var(--warning)', width: 1, type: 'dashed' },
              data: [{ yAxis: threshold }],
            },
          }),
        },
      ],
    },
    { width, height, title },
  );
}
