import type { Measurement } from '@plumbline/contracts';
import {
  DataTable,
  formatNumber,
  formatPValue,
  formatValue,
  Instant,
  plainSentence,
  SeverityBadge,
} from '@plumbline/report';

export interface MeasurementTableProps {
  readonly caption: string;
  /** The oldest first. */
  readonly measurements: readonly Measurement[];
}

/** What a chart draws, as numbers, the newest window first. */
export function MeasurementTable({ caption, measurements }: MeasurementTableProps) {
  return (
    <details>
      <summary>The numbers, window by window</summary>
      <DataTable
        caption={caption}
        captionHidden
        rows={[...measurements].reverse()}
        rowKey={({ windowEndMs, version, method }) => `${windowEndMs}/${version}/${method}`}
        columns={[
          { header: 'Window until', rowHeader: true, cell: ({ windowEndMs }) => <Instant atMs={windowEndMs} /> },
          { header: 'Version', cell: ({ version }) => version },
          { header: 'Severity', cell: ({ severity }) => <SeverityBadge severity={severity} /> },
          { header: 'Value', numeric: true, cell: ({ method, value }) => formatValue(method, value) },
          { header: 'n', numeric: true, cell: ({ nCurrent }) => formatNumber(nCurrent) },
          {
            header: 'p',
            numeric: true,
            cell: ({ pValue, adjustedPValue }) => {
              const p = Number.isNaN(adjustedPValue) ? pValue : adjustedPValue;
              return Number.isNaN(p) ? '–' : formatPValue(p);
            },
          },
          { header: 'Why', cell: ({ reason }) => plainSentence(reason, 300) },
        ]}
      />
    </details>
  );
}
