import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alertRules, type PrometheusRules } from '../../grafana/src/alert-rules.js';
import { dashboardQueries } from '../../grafana/src/dashboard-queries.js';
import { dashboards } from '../../grafana/src/dashboards.js';
import { writeAlertRules } from '../../grafana/src/write-alert-rules.js';
import { migrations } from '../../libs/storage/src/migrations/migrations.js';

interface Panel {
  readonly id: number;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid?: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly {
    readonly datasource?: { readonly uid?: string };
    readonly rawSql?: string;
    readonly expr?: string;
  }[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly links: readonly { readonly url: string }[];
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query?: unknown }[] };
}

const FOLDER = join(import.meta.dirname, '../../grafana/dashboards');
const read = (name: string): Dashboard => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Dashboard;
const files = readdirSync(FOLDER);

describe('dashboards', () => {
  it('are what the code makes: npm run dashboards:generate', () => {
    const made = dashboards();
    expect(files.sort()).toEqual([...made.keys()].sort());
    for (const [name, dashboard] of made) expect(read(name)).toEqual(JSON.parse(JSON.stringify(dashboard)));
  });

  it.each(files)('%s: panels are explained, complete and beside one another', (name) => {
    const dashboard = read(name);
    expect(dashboard.uid).toMatch(/^plumbline-[a-z]+$/);
    expect(`${dashboard.uid}.json`).toBe(name);
    expect(dashboard.description.length).toBeGreaterThan(20);
    const taken = new Map<string, number>();
    for (const panel of dashboard.panels) {
      expect([panel.id, panel.title ?? '', panel.description ?? '']).toEqual([
        expect.any(Number),
        expect.stringMatching(/\S/),
        expect.stringMatching(/\S.{15,}/),
      ]);
      expect(panel.fieldConfig.defaults.unit).toMatch(/\S/);
      expect(panel.datasource?.uid).toMatch(/^\$\{(datasource|prometheus)\}$/);
      expect(panel.targets.length).toBeGreaterThan(0);
      for (const target of panel.targets) {
        expect(target.datasource?.uid).toBe(panel.datasource?.uid);
        expect(target.rawSql ?? target.expr).toMatch(/\S/);
      }
      const { x, y, w, h } = panel.gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          const place = `${column}/${row}`;
          expect([panel.title, place, taken.get(place)]).toEqual([panel.title, place, undefined]);
          taken.set(place, panel.id);
        }
      }
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it.each(files)('%s: links lead to dashboards that are there, and queries name no model', (name) => {
    const dashboard = read(name);
    const uids = new Set(files.map((file) => file.replace(/\.json$/, '')));
    const text = JSON.stringify(dashboard);
    for (const [, uid] of text.matchAll(/\/d\/([\w-]+)/g)) expect(uids).toContain(uid);
    const names = new Set(dashboard.templating.list.map((variable) => variable.name));
    for (const [, variable] of text.matchAll(/\$\{(\w+)(?::\w+)?\}/g)) {
      if (!variable!.startsWith('__')) expect(names).toContain(variable);
    }
    expect(text).not.toMatch(/(project|model) = '/);
  });

  it.each(
    dashboardQueries()
      .filter(({ kind, name }) => kind !== 'rule' && !name.endsWith('variable project'))
      .map(({ name, rawSql }) => [name, rawSql]),
  )('%s: of each table that it reads, the rows of the project alone', (_, rawSql) => {
    const tables = migrations.flatMap(({ statements }) =>
      statements.flatMap((sql) => [...sql.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)].map(([, table]) => table)),
    );
    const read = [...rawSql.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].filter(([, name]) => tables.includes(name));
    expect(read.length).toBeGreaterThan(0);
    expect(rawSql.split('project = ${project:singlequote}')).toHaveLength(read.length + 1);
  });
});

describe('alert rules of Grafana', () => {
  const ROOT = join(import.meta.dirname, '../..');
  const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
  const prometheus = parse(text('deploy/prometheus-rules.yml')) as PrometheusRules;
  const groups = alertRules(prometheus);
  const rules = groups.flatMap((group) => group.rules);

  it('are what the code makes: npm run dashboards:generate', () => {
    expect(parse(text('grafana/provisioning/alerting/plumbline.yml'))).toEqual(parse(writeAlertRules(groups)));
  });

  it('have identities that Grafana takes, and ask data sources that are provisioned', () => {
    for (const { uid } of rules) expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    const sources = readdirSync(join(ROOT, 'grafana/provisioning/datasources')).flatMap((name) =>
      (parse(text(`grafana/provisioning/datasources/${name}`)) as { datasources: { uid?: string }[] }).datasources.map(
        ({ uid }) => uid,
      ),
    );
    for (const { data } of rules) {
      for (const { datasourceUid } of data) expect([...sources, '__expr__']).toContain(datasourceUid);
    }
  });

  it('say everything that Prometheus is to say too, without values that it must have recorded', () => {
    const titles = rules.map(({ title }) => title);
    for (const { alert } of prometheus.groups.flatMap((group) => group.rules)) {
      if (alert !== undefined) expect(titles).toContain(alert);
    }
    for (const { data } of rules) expect(JSON.stringify(data)).not.toContain('plumbline:');
  });

  it('lead to a panel and to a section of the runbook', () => {
    const headings = [...text('docs/runbook.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);
    for (const { title, dashboardUid, panelId, annotations } of rules) {
      const panels = dashboards().get(`${annotations.__dashboardUid__}.json`)?.panels ?? [];
      expect(panels.map((panel) => String('id' in panel && panel.id))).toContain(annotations.__panelId__);
      expect([dashboardUid, String(panelId)]).toEqual([annotations.__dashboardUid__, annotations.__panelId__]);
      expect(headings).toContain(title);
      expect(annotations.runbook_url).toMatch(new RegExp(`#${title}$`, 'i'));
    }
  });

  it('have no dollar but that of the one variable of the environment, since Grafana fills in others', () => {
    const dollars = [...writeAlertRules(groups).matchAll(/\$.{0,30}/g)].map(([found]) => found);
    expect(dollars.filter((found) => !found.startsWith('${PLUMBLINE_RUNBOOK_URL}#'))).toEqual([]);
    expect(dollars).toHaveLength(rules.length);
  });
});
