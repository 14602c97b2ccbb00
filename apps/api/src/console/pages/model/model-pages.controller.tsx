import { Get, Param, Query } from '@nestjs/common';
import { SeverityBadge } from '@plumbline/report';
import { Store } from '@plumbline/storage';
import type { ComponentChildren } from 'preact';
import { z } from 'zod';
import { validate } from '../../../http/validate.js';
import { ConsoleController } from '../../console-controller.js';
import { type ModelTab, modelPath } from '../../paths.js';
import { renderPage } from '../../render-page.js';
import { CurrentVisit, type Visit } from '../../visit.js';
import { FilterBar } from '../filter-bar.js';
import { filterQuery, optionalField, type PageFilters, readPageFilters } from '../page-filters.js';
import { AlertsTab } from './alerts-tab.js';
import { ConfigurationTab } from './configuration-tab.js';
import { modelTabs } from './model-tabs.js';
import { readAlertsTab } from './read-alerts-tab.js';
import { readConfiguration } from './read-configuration.js';
import { type ModelFrameData, readModelFrame } from './read-model-frame.js';
import { readRetrainingTab } from './read-retraining-tab.js';
import { RetrainingTab } from './retraining-tab.js';

const runQuerySchema = z.object({ run: optionalField(z.string().max(128)) });

interface TabContext {
  readonly visit: Visit;
  readonly filters: PageFilters;
  readonly frame: ModelFrameData;
}

/** Pages of a model: a tab each, which loads what it shows and nothing else. */
@ConsoleController()
export class ModelPagesController {
  constructor(private readonly store: Store) {}

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

  private async tab(
    tab: 'overview' | ModelTab,
    visit: Visit,
    name: string,
    query: unknown,
    body: (context: TabContext) => Promise<ComponentChildren>,
  ): Promise<string> {
    const filters = readPageFilters(query, visit.nowMs);
    const frame = await readModelFrame(this.store, visit.caller.project, name, filters);
    const content = await body({ visit, filters, frame });
    const { model, openAlerts, versions, segments } = frame;
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
        {content}
      </>,
    );
  }
}

/** Tabs that show how things are set and stand, at no time in particular. */
const WITHOUT_FILTERS: ReadonlySet<string> = new Set(['retraining', 'configuration']);
