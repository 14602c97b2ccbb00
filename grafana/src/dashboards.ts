import { type Dashboard, DashboardBuilder, DashboardCursorSync } from '@grafana/grafana-foundation-sdk/dashboard';
import { dataQuality } from './data-quality.js';
import { featureDetail } from './feature-detail.js';
import { fleet } from './fleet.js';
import { arrange, type PanelRow } from './layout.js';
import { modelDetail } from './model-detail.js';
import { serviceHealth } from './service-health.js';
import type {
  AnnotationQueryBuilder,
  DashboardLinkBuilder,
  QueryVariableBuilder,
  DatasourceVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** A dashboard as its file declares it. */
export interface DashboardDeclaration {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly from: string;
  readonly variables: readonly (QueryVariableBuilder | DatasourceVariableBuilder)[];
  readonly links: readonly DashboardLinkBuilder[];
  readonly annotations: readonly AnnotationQueryBuilder[];
  readonly rows: readonly PanelRow[];
}

/** All dashboards, by the name of their file. */
export function dashboards(): Map<string, Dashboard> {
  return new Map(
    [fleet, modelDetail, featureDetail, dataQuality, serviceHealth].map((declaration) => [
      `${declaration.uid}.json`,
      build(declaration),
    ]),
  );
}

function build({
  uid,
  title,
  description,
  from,
  variables,
  links,
  annotations,
  rows,
}: DashboardDeclaration): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['plumbline'])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh('1m')
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .links([...links])
    .variables([...variables] as never)
    .annotations([...annotations]);
  for (const panel of arrange(rows)) builder.withPanel(panel);
  return builder.build();
}
