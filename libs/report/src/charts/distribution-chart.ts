import type { DistributionPair } from '@plumbline/contracts';
import { formatPercent } from '../format-number.js';
import { plain } from '../plain.js';
import { AXIS_LABEL } from './axis-style.js';
import { type ChartFrame, renderChart } from './render-chart.js';

const ROW = 27;
const MARGIN = 6;
const LABEL_WIDTH = 128;

export const REFERENCE_COLOR = 'var(--reference)';
export const CURRENT_COLOR = 'var(--series-1)';

/** Returns two distributions: a row for each bin, reference above current, to one scale. */
export function distributionChart(
  { labels, reference, current }: DistributionPair,
  frame: Omit<ChartFrame, 'height'>,
): string {
  const bar = (name: string, shares: readonly number[], color: string, strong: boolean) => ({
    name,
    type: 'bar',
    silent: true,
    barWidth: 9,
    barGap: '10%',
    itemStyle: { color, borderRadius: [0, 2, 2, 0] },
    data: labels.map((_, index) => finite(shares[index])),
    label: {
      show: true,
      position: 'right',
      distance: 4,
      fontSize: 11,
      color: strong ? 'var(--ink)' : 'var(--ink-3)',
      formatter: ({ value }: { readonly value: number }) => formatPercent(value),
    },
  });
  return renderChart(
    {
      grid: { left: LABEL_WIDTH, right: 46, top: MARGIN, bottom: MARGIN },
      xAxis: {
        type: 'value',
        min: 0,
        max: [...reference, ...current].map(finite).reduce((most, share) => Math.max(most, share), 0.01),
        show: false,
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: labels.map((label) => plain(label, 40)),
        axisLabel: { ...AXIS_LABEL, color: 'var(--ink-2)', width: LABEL_WIDTH - 24, overflow: 'truncate', interval: 0 },
        axisLine: { lineStyle: { color: 'var(--line-strong)' } },
        axisTick: { show: false },
      },
      series: [bar('reference', reference, REFERENCE_COLOR, false), bar('current', current, CURRENT_COLOR, true)],
    },
    { ...frame, height: labels.length * ROW + 2 * MARGIN },
  );
}

/** A share that is none is drawn as nothing. */
function finite(share: number | undefined): number {
  return share !== undefined && Number.isFinite(share) && share > 0 ? share : 0;
}
