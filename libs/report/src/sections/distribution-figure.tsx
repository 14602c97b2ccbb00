import type { DistributionPair } from '@plumbline/contracts';
import { CURRENT_COLOR, distributionChart, REFERENCE_COLOR } from '../charts/distribution-chart.js';
import { formatPercent } from '../format-number.js';
import { DataTable } from '../page/data-table.js';
import { Chart } from './chart.js';
import { ColorKey } from './color-key.js';

export interface DistributionFigureProps {
  readonly distribution: DistributionPair;
  /** What is drawn, as in "Distribution of income, reference and window". */
  readonly title: string;
}

/** Two distributions side by side as bars, and the same as numbers. */
export function DistributionFigure({ distribution, title }: DistributionFigureProps) {
  const { labels, reference, current } = distribution;
  const rows = labels.map((label, index) => ({
    label,
    reference: reference[index] ?? 0,
    current: current[index] ?? 0,
  }));
  return (
    <>
      <ColorKey
        entries={[
          { name: 'reference', color: REFERENCE_COLOR },
          { name: 'window', color: CURRENT_COLOR },
        ]}
      />
      <Chart
        draw={(width) =>
          distributionChart(distribution, {
            width: Math.min(width, 640),
            title,
            description: barsInWords(distribution),
          })
        }
      />
      <details>
        <summary>The numbers, bin by bin</summary>
        <DataTable
          caption={title}
          captionHidden
          rows={rows}
          rowKey={({ label }) => label}
          columns={[
            { header: 'Values', rowHeader: true, cell: ({ label }) => label },
            { header: 'Reference', numeric: true, cell: (row) => formatPercent(row.reference) },
            { header: 'Window', numeric: true, cell: (row) => formatPercent(row.current) },
            { header: 'Change', numeric: true, cell: (row) => signed(row.current - row.reference) },
          ]}
        />
      </details>
    </>
  );
}

/** "< 10: 12 %, now 31 %; …" for who cannot see the bars. */
function barsInWords({ labels, reference, current }: DistributionPair): string {
  return labels
    .map(
      (label, index) => `${label}: ${formatPercent(reference[index] ?? 0)}, now ${formatPercent(current[index] ?? 0)}`,
    )
    .join('; ');
}

function signed(share: number): string {
  return share > 0 ? `+${formatPercent(share)}` : formatPercent(share);
}
