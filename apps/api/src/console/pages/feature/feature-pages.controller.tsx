import { Get, Param, Query } from '@nestjs/common';
import { plain, seriesName } from '@plumbline/report';
import { Store } from '@plumbline/storage';
import { ConsoleController } from '../../console-controller.js';
import { featurePath, modelPath, withQuery } from '../../paths.js';
import { renderPage } from '../../render-page.js';
import { CurrentVisit, type Visit } from '../../visit.js';
import { FilterBar } from '../filter-bar.js';
import { MissingReferences } from '../model/missing-references.js';
import { readModelFrame } from '../model/read-model-frame.js';
import { filterQuery, readPageFilters } from '../page-filters.js';
import { FeaturePage } from './feature-page.js';
import { readFeaturePage } from './read-feature-page.js';

/** The page of a feature of a model. */
@ConsoleController()
export class FeaturePagesController {
  constructor(private readonly store: Store) {}

  @Get('models/:model/features/:feature')
  async show(
    @CurrentVisit() visit: Visit,
    @Param('model') model: string,
    @Param('feature') segmentOfPath: string,
    @Query() query: unknown,
  ): Promise<string> {
    // What `featurePath` puts before names that a path would swallow.
    const feature = segmentOfPath.replace(/^~/, '');
    const filters = readPageFilters(query, visit);
    const { project } = visit.caller;
    const frame = await readModelFrame(this.store, project, model, filters);
    const { fromMs, toMs, version, segment } = filters;
    const scope = { project, model, version, segment, fromMs, toMs };
    const data = await readFeaturePage(this.store, frame.model, scope, feature);
    const kept = filterQuery(filters);
    return renderPage(
      visit,
      {
        title: plain(seriesName(feature)),
        section: 'models',
        crumbs: [
          { label: 'Models', href: '/' },
          { label: model, href: withQuery(modelPath(model), kept) },
          { label: 'Features', href: withQuery(modelPath(model, 'features'), kept) },
        ],
      },
      <>
        <FilterBar
          action={featurePath(model, feature)}
          filters={filters}
          versions={frame.versions}
          segments={frame.segments}
        />
        <MissingReferences model={model} missing={frame.missing} />
        <FeaturePage
          data={data}
          fromMs={fromMs}
          toMs={toMs}
          openAlerts={frame.openAlerts.filter((alert) => alert.feature === feature)}
        />
      </>,
    );
  }
}
