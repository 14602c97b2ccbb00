import { alertRules } from './alert-rules.js';
import { dashboards } from './dashboards.js';

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** A question that a dashboard asks the tables. */
export interface DashboardQuery {
  /** Title of the dashboard and of its panel, or `variable …` or `annotation …`; of an alert rule `rule …`. */
  readonly name: string;
  readonly kind: 'panel' | 'variable' | 'annotation' | 'rule';
  /** How far back the dashboard looks unless somebody chooses otherwise. */
  readonly rangeMs: number;
  /** With macros and variables of Grafana. */
  readonly rawSql: string;
}

/** Every statement that the dashboards and alert rules send to ClickHouse: of each dashboard its panels, then variables and annotations. */
export function dashboardQueries(): DashboardQuery[] {
  const ofDashboards = [...dashboards().values()].flatMap((dashboard) => {
    const { title, time, panels = [], templating, annotations } = dashboard;
    const [, count, unit = ''] = /^now-(\d+)([hd])$/.exec(time?.from ?? '') ?? [];
    const rangeMs = Number(count) * UNITS_MS[unit]!;
    const query = (kind: DashboardQuery['kind'], what: string, rawSql: unknown): DashboardQuery[] =>
      typeof rawSql === 'string' ? [{ name: `${title}: ${what}`, kind, rangeMs, rawSql }] : [];
    return [
      ...panels.flatMap((panel) => {
        // Builders of targets answer with the interface that all data sources share.
        const { title: what = '', targets = [] } = panel as { title?: string; targets?: { rawSql?: string }[] };
        return targets.flatMap(({ rawSql }) => query('panel', what, rawSql));
      }),
      ...(templating?.list ?? []).flatMap(({ name, query: text }) =>
        // Of other variables it is the type of a data source.
        typeof text === 'string' && text.startsWith('SELECT') ? query('variable', `variable ${name}`, text) : [],
      ),
      ...(annotations?.list ?? []).flatMap(({ name, target }) =>
        query('annotation', `annotation ${name}`, (target as { rawSql?: string } | undefined)?.rawSql),
      ),
    ];
  });
  const ofRules = alertRules({ groups: [] }).flatMap(({ rules }) =>
    rules.flatMap(({ title, data }) =>
      data.flatMap(({ model: { rawSql } }): DashboardQuery[] =>
        // A rule says itself how far back it looks.
        typeof rawSql === 'string' ? [{ name: `rule ${title}`, kind: 'rule', rangeMs: 0, rawSql }] : [],
      ),
    ),
  );
  return [...ofDashboards, ...ofRules];
}
