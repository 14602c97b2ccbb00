import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from '../../grafana/src/dashboards.js';

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
});
