import type { ModelReport } from '@plumbline/contracts';
import {
  ChangesSection,
  DriftHeatMapSection,
  FeaturesSection,
  Panel,
  PerformanceSection,
  VerdictSection,
} from '@plumbline/report';
import type { Acknowledgement, Alert } from '@plumbline/storage';
import { modelPath } from '../../paths.js';
import { AlertTable } from '../alerts/alert-table.js';

const SHOWN_ALERTS = 5;

export interface OverviewTabProps {
  readonly report: ModelReport;
  /** Worst first. */
  readonly openAlerts: readonly Alert[];
  readonly acknowledged: ReadonlyMap<string, Acknowledgement>;
  readonly hrefOfFeature: (feature: string) => string;
}

/** How a model does, on one page: the verdict, what fires, what changed, what drifted, how well it answers. */
export function OverviewTab({ report, openAlerts, acknowledged, hrefOfFeature }: OverviewTabProps) {
  const { verdict, changes, ranking, heatMap, performance, scope } = report;
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
      <PerformanceSection performance={performance} fromMs={fromMs} toMs={toMs} />
      <FeaturesSection
        ranking={{ ...ranking, features: ranking.features.slice(0, 10), moreFeatures: 0 }}
        hrefOf={hrefOfFeature}
      />
    </div>
  );
}
