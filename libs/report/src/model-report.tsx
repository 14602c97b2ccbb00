import type { ModelReport } from '@plumbline/contracts';
import { formatNumber } from './format-number.js';
import { Instant } from './page/instant.js';
import { renderDocument } from './page/render-document.js';
import { STYLESHEET } from './page/stylesheet.js';
import { plain } from './plain.js';
import { AlertsSection } from './sections/alerts-section.js';
import { ChangesSection } from './sections/changes-section.js';
import { DataQualitySection } from './sections/data-quality-section.js';
import { DriftHeatMapSection } from './sections/drift-heat-map-section.js';
import { FeaturesSection } from './sections/features-section.js';
import { MethodsSection } from './sections/methods-section.js';
import { PerformanceSection } from './sections/performance-section.js';
import { RetrainingSection } from './sections/retraining-section.js';
import { Name } from './sections/user-text.js';
import { VerdictSection } from './sections/verdict-section.js';

export interface ModelReportOptions {
  /** IANA name of the time zone that times are written in. */
  readonly zone: string;
}

/**
 * Returns the report of a model as one HTML file that needs nothing beside it: style and charts are inside, no script. It reads light
 * and dark, on a phone, and on paper.
 */
export function modelReportHtml(report: ModelReport, { zone }: ModelReportOptions): string {
  const { scope, createdAtMs } = report;
  const viewer = { zone, nowMs: createdAtMs };
  return renderDocument(
    { title: `${plain(scope.model, 80)}: model report`, stylesheet: { css: STYLESHEET }, viewer },
    <main class="report">
      <header class="report-head">
        <h1>
          <Name text={scope.model} />
        </h1>
        <p>
          <Instant atMs={scope.fromMs} /> to <Instant atMs={scope.toMs} /> {plain(zone)} · {versionsOf(report)}
          {scope.segment !== '' && (
            <>
              {' '}
              · segment <Name text={scope.segment} />
            </>
          )}
        </p>
      </header>
      <div class="stacked">
        <VerdictSection verdict={report.verdict} />
        <ChangesSection changes={report.changes} />
        <FeaturesSection ranking={report.ranking} />
        <DriftHeatMapSection heatMap={report.heatMap} />
        <PerformanceSection performance={report.performance} fromMs={scope.fromMs} toMs={scope.toMs} />
        <DataQualitySection dataQuality={report.dataQuality} fromMs={scope.fromMs} toMs={scope.toMs} />
        <AlertsSection alerts={report.alerts} moreAlerts={report.moreAlerts} />
        <RetrainingSection runs={report.runs} moreRuns={report.moreRuns} />
        <MethodsSection methods={report.methods} references={report.references} />
      </div>
      <p class="note" style="margin-top: 16px">
        Made by Plumbline <Instant atMs={createdAtMs} /> {plain(zone)}, by what was known then: labels that come later
        change windows that are told of here.
      </p>
    </main>,
  );
}

const MAX_VERSIONS = 4;

/** "version 2 (1,500 predictions), version 1 (13,500 predictions)". */
function versionsOf({ versions, scope }: ModelReport): string {
  if (versions.length === 0) return scope.version === undefined ? 'no predictions' : `version ${plain(scope.version)}`;
  const shown = versions
    .slice(0, MAX_VERSIONS)
    .map(
      ({ version, predictions }) => `version ${plain(version)} (${formatNumber(Math.round(predictions))} predictions)`,
    );
  const more = versions.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
