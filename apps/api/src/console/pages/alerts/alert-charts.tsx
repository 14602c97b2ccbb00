import { DistributionFigure, methodName, Panel, plain, seriesName } from '@plumbline/report';
import { SeriesChart } from '../series-chart.js';
import { alertTitle } from './alert-title.js';
import type { AlertPageData } from './read-alert-page.js';

/** What the alert measured, window by window, and the distribution that it is about. */
export function AlertCharts({ data: { alert, measurements, finding } }: { readonly data: AlertPageData }) {
  const first = measurements[0];
  const last = measurements.at(-1);
  const method = methodName(alert.method);
  return (
    <>
      {first !== undefined && last !== undefined && (
        <Panel title="Over time" note="Each window stands at its middle.">
          <SeriesChart
            measurements={measurements}
            fromMs={first.windowStartMs}
            toMs={last.windowEndMs}
            title={`${method}: ${alertTitle(alert)}`}
          />
        </Panel>
      )}
      {finding?.distribution !== undefined && (
        <Panel title="Reference beside the window">
          <DistributionFigure
            title={`Distribution of ${plain(seriesName(alert.feature), 60)}, reference and window`}
            distribution={finding.distribution}
          />
        </Panel>
      )}
    </>
  );
}
