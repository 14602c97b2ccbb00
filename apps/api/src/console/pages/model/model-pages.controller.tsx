import { Get, Param, Query } from '@nestjs/common';
import { driftMethods, type ModelReportScope } from '@plumbline/contracts';
import { DataQualitySection, PerformanceSection, SeverityBadge } from '@plumbline/report';
import { acknowledgements, Store, summarizeSeries } from '@plumbline/storage';
import type { ComponentChildren } from 'preact';
import { z } from 'zod';
import { validate } from '../../../http/validate.js';
import { readDataQuality } from '../../../reports/read-data-quality.js';
import { readDrift } from '../../../reports/read-drift.js';
import { readModelReport } from '../../../reports/read-model-report.js';
import { readPerformance } from '../../../reports/read-performance.js';
import { ConsoleController } from '../../console-controller.js';
import { featurePath, type ModelTab, modelPath, withQuery } from '../../paths.js';
import { renderPage } from '../../render-page.js';
import { CurrentVisit, type Visit } from '../../visit.js';
import { FilterBar } from '../filter-bar.js';
import { filterQuery, optionalField, type PageFilters, readPageFilters } from '../page-filters.js';
import { AlertsTab } from './alerts-tab.js';
import { ConfigurationTab } from './configuration-tab.js';
import { EmptyRange } from './empty-range.js';
import { FeaturesTab } from './features-tab.js';
import { MissingReferences } from './missing-references.js';
import { modelTabs } from './model-tabs.js';
import { readAlertsTab } from './read-alerts-tab.js';
import { readConfiguration } from './read-configuration.js';
import { type ModelFrameData, readModelFrame } from './read-model-frame.js';
import { OverviewTab } from './overview-tab.js';
import { readRetrainingTab } from './read-retraining-tab.js';
import { readWhyEmpty } from './read-why-empty.js';
import { RetrainingTab } from './retraining-tab.js';

const searchQuerySchema = z.object({ q: z.string().trim().max(256).default('') });
const runQuerySchema = z.object({ run: optionalField(z.string().max(128)) });

interface TabContext {
  readonly visit: Visit;
  readonly filters: PageFilters;
  readonly frame: ModelFrameData;
  readonly scope: ModelReportScope;
}

/** Pages of a model: a tab each, which loads what it shows and nothing else. */
@ConsoleController()
export class ModelPagesController {
  constructor(private readonly store: Store) {}

  @Get('models/:model')
  async overview(
    @CurrentVisit() visit: Visit,
    @Param('model') model: string,
    @Query() query: unknown,
  ): Promise<string> {
    return this.tab('overview', visit, model, query, async (context) => {
      const { frame, filters, scope } = context;
      const report = await readModelReport(this.store, scope, visit.nowMs, { drawn: 12, distributions: false });
      const empty = report.methods.length === 0 && (await this.whyEmpty(context));
      if (empty) return empty;
      const { openAlerts } = frame;
      const alertIds = openAlerts.map(({ alertId }) => alertId);
      const acknowledged = await acknowledgements(this.store, { project: scope.project, model, alertIds });
      return (
        <OverviewTab
          report={report}
          openAlerts={openAlerts}
          acknowledged={acknowledged}
          features={withQuery(modelPath(model, 'features'), filterQuery(filters))}
        />
      );
    });
  }

  @Get('models/:model/features')
  async features(
    @CurrentVisit() visit: Visit,
    @Param('model') model: string,
    @Query() query: unknown,
  ): Promise<string> {
    const { q } = validate(searchQuerySchema, query, 'the address');
    return this.tab('features', visit, model, query, async (context) => {
      const { filters, scope } = context;
      const summaries = await summarizeSeries(this.store, scope, { methods: driftMethods });
      const empty = summaries.length === 0 && (await this.whyEmpty(context));
      if (empty) return empty;
      const { ranking, heatMap } = await readDrift(this.store, scope, { summaries });
      return (
        <FeaturesTab
          ranking={ranking}
          heatMap={heatMap}
          search={q}
          action={withQuery(modelPath(model, 'features'), filterQuery(filters))}
          kept={filterQuery(filters)}
          hrefOf={hrefOfFeature(model, filters)}
        />
      );
    });
  }

  @Get('models/:model/performance')
  async performance(
    @CurrentVisit() visit: Visit,
    @Param('model') model: string,
    @Query() query: unknown,
  ): Promise<string> {
    return this.tab('performance', visit, model, query, async (context) => {
      const { scope } = context;
      const performance = await readPerformance(this.store, scope, visit.nowMs);
      const empty = performance.summaries.length === 0 && (await this.whyEmpty(context));
      if (empty) return empty;
      return <PerformanceSection performance={performance} fromMs={scope.fromMs} toMs={scope.toMs} />;
    });
  }

  @Get('models/:model/quality')
  async quality(@CurrentVisit() visit: Visit, @Param('model') model: string, @Query() query: unknown): Promise<string> {
    return this.tab('quality', visit, model, query, async (context) => {
      const { filters, scope } = context;
      const dataQuality = await readDataQuality(this.store, scope);
      const measured = dataQuality.features > 0 || dataQuality.traffic.length > 0;
      const empty = !measured && (await this.whyEmpty(context));
      if (empty) return empty;
      return (
        <DataQualitySection
          dataQuality={dataQuality}
          fromMs={scope.fromMs}
          toMs={scope.toMs}
          hrefOf={hrefOfFeature(model, filters)}
        />
      );
    });
  }

  @Get('models/:model/alerts')
  async alerts(@CurrentVisit() visit: Visit, @Param('model') model: string, @Query() query: unknown): Promise<string> {
    return this.tab('alerts', visit, model, query, async ({ frame, filters }) => (
      <AlertsTab data={await readAlertsTab(this.store, frame.model, frame.openAlerts, filters)} />
    ));
  }

  @Get('models/:model/retraining')
  async retraining(
    @CurrentVisit() visit: Visit,
    @Param('model') model: string,
    @Query() query: unknown,
  ): Promise<string> {
    const { run } = validate(runQuerySchema, query, 'the address');
    return this.tab('retraining', visit, model, query, async ({ frame }) => (
      <RetrainingTab visit={visit} model={model} data={await readRetrainingTab(this.store, frame.model, run)} />
    ));
  }

  @Get('models/:model/configuration')
  async configuration(
    @CurrentVisit() visit: Visit,
    @Param('model') model: string,
    @Query() query: unknown,
  ): Promise<string> {
    return this.tab('configuration', visit, model, query, async ({ frame }) => (
      <ConfigurationTab configuration={await readConfiguration(this.store, frame.model)} />
    ));
  }

  /** What stands in place of a tab for which nothing was measured; undefined when something was, but not of its kind. */
  private async whyEmpty({ visit, frame, filters }: TabContext): Promise<ComponentChildren> {
    const why = await readWhyEmpty(this.store, frame.model, filters, visit.nowMs);
    return why && <EmptyRange model={frame.model.model} why={why} />;
  }

  private async tab(
    tab: 'overview' | ModelTab,
    visit: Visit,
    name: string,
    query: unknown,
    body: (context: TabContext) => Promise<ComponentChildren>,
  ): Promise<string> {
    const filters = readPageFilters(query, visit);
    const frame = await readModelFrame(this.store, visit.caller.project, name, filters);
    const { project } = visit.caller;
    const { fromMs, toMs, version, segment } = filters;
    const scope = { project, model: name, version, segment, fromMs, toMs };
    const content = await body({ visit, filters, frame, scope });
    const { model, openAlerts, versions, segments, missing } = frame;
    const [worst] = openAlerts;
    return renderPage(
      visit,
      {
        title: model.model,
        section: 'models',
        crumbs: [{ label: 'Models', href: '/' }],
        heading: worst && <SeverityBadge severity={worst.severity} />,
        tabs: modelTabs(model.model, tab, filterQuery(filters), openAlerts.length),
      },
      <>
        {!WITHOUT_FILTERS.has(tab) && (
          <FilterBar
            action={tab === 'overview' ? modelPath(name) : modelPath(name, tab)}
            filters={filters}
            versions={versions}
            segments={segments}
          />
        )}
        <MissingReferences model={name} missing={missing} />
        {content}
      </>,
    );
  }
}

/** Returns what leads to the page of a feature, with the filters of the page it stands on. */
function hrefOfFeature(model: string, filters: PageFilters): (feature: string) => string {
  const query = filterQuery(filters);
  return (feature) => withQuery(featurePath(model, feature), query);
}

/** Tabs that show how things are set and stand, at no time in particular. */
const WITHOUT_FILTERS: ReadonlySet<string> = new Set(['retraining', 'configuration']);
