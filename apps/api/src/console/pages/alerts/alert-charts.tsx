import { Panel } from '@plumbline/report';
import { MeasurementTable } from '../measurement-table.js';
import type { AlertPageData } from './read-alert-page.js';

/** What the alert measured, window by window. */
export function AlertCharts({ data: { measurements } }: { readonly data: AlertPageData }) {
  if (measurements.length === 0) return null;
  return (
    <Panel title="Over time">
      <MeasurementTable caption="Measurements of the alert" measurements={measurements} />
    </Panel>
  );
}
