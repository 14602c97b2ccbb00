import type { ModelReport } from '@plumbline/contracts';
import { ChangesSection, DriftHeatMapSection, Panel, PerformanceSection, VerdictSection } from '@plumbline/report';
import type { Acknowledgement, Alert } from '@plumbline/storage';
import { modelPath } from '../../paths.js';
import { AlertTable } from '../alerts/alert-table.js';

const SHOWN_ALERTS = 5;

export interface OverviewTabProps {
  readonly report: ModelReport;
  /** Worst first. */
  readonly openAlerts: readonly Alert[];
  readonly acknowledged: ReadonlyMap<string, Acknowledgement>;
  /** The tab of features, with the filters of this page. */
  readonly features: string;
}

/** How a model does, on one page: the verdict, what fires, what changed, what drifted, how well it answers. */
export function OverviewTab({ report, openAlerts, acknowledged, features }: OverviewTabProps) {
  const { verdict, changes, heatMap, performance, scope } = report;
  const { model, fromMs, toMs } = scope;
  const more = openAlerts.length - SHOWN_ALERTS;
  return (
    <div class="stacked">
      <VerdictSection verdict={verdict} />
      {openAlerts.length > 0 && (
        <Panel
          title={`${openAlerts.length} alert${openAlerts.length === 1 ? ' fires' : 's fire'}`}
          actions={<a href={modelPath(model, 'alerts')}>{more > 0 ? `and ${more} more` : 'All alerts'}</a>}
        >
          <AlertTable
            caption="Alerts that fire"
            alerts={openAlerts.slice(0, SHOWN_ALERTS)}
            acknowledged={acknowledged}
            withModel={false}
            empty=""
          />
        </Panel>
      )}
      <ChangesSection changes={changes} />
      <DriftHeatMapSection heatMap={heatMap} />
      <p>
        <a href={features}>All features, with their distributions</a>
      </p>
      <PerformanceSection performance={performance} fromMs={fromMs} toMs={toMs} />
    </div>
  );
}
