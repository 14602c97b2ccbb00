import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { dashboardQueries } from '../../grafana/src/dashboard-queries.js';
import { expandQuery } from '../support/expand-query.js';
import { freePorts } from '../support/free-ports.js';

const MAIN = resolve(import.meta.dirname, '../../apps/cli/dist/main.js');
const DAY_MS = 86_400_000;

/** Panels that may be empty: what they show has not happened in the demo's story. */
const MAY_BE_EMPTY = new Set(['Plumbline: fleet: Alerts now']);

/** The demo, with its tables open to ClickHouse clients as Grafana would read them. */
describe('the dashboards on the demo', () => {
  let demo: ChildProcess;
  let url: string;
  let toMs: number;
  beforeAll(async () => {
    const [port] = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    demo = spawn(process.execPath, [MAIN, 'demo', '--keep'], {
      env: { PATH: process.env.PATH, PLUMBLINE_CLICKHOUSE_HTTP: `127.0.0.1:${port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: demo.stdout! })) {
      lines.push(line);
      if (/Ctrl-C/.test(line)) break;
    }
    if (!/Ctrl-C/.test(lines.at(-1) ?? '')) throw new Error(`the demo ended early:\n${lines.slice(-20).join('\n')}`);
    expect(lines).toContain('The story happened as told.');
    demo.stdout!.resume();
    toMs = Date.now() + DAY_MS;
  }, 1_200_000);
  afterAll(async () => {
    const ended = once(demo, 'exit');
    demo.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await expect(fetch(`${url}/ping`)).rejects.toThrow();
  }, 60_000);

  const variables = {
    project: 'default',
    model: 'loans',
    segment: '',
    method: 'psi.decile',
    metric: 'accuracy',
    feature: 'income',
  };

  async function ask(rawSql: string, feature = variables.feature): Promise<Record<string, unknown>[]> {
    const sql = expandQuery(rawSql, {
      fromMs: toMs - 40 * DAY_MS,
      toMs,
      intervalSeconds: 3_600,
      variables: { ...variables, feature },
    });
    const reply = await fetch(`${url}/?default_format=JSONEachRow`, { method: 'POST', body: sql });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${text}\n${sql}`);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  const queries = dashboardQueries().map(({ kind, name, rawSql }): [string, string, string] => [name, rawSql, kind]);
  const panels = queries.filter(([, , kind]) => kind === 'panel');
  it.each(panels)('%s', async (name, rawSql) => {
    const rows = await ask(rawSql);
    if (!MAY_BE_EMPTY.has(name)) expect(rows.length).toBeGreaterThan(0);
    // A panel of nulls and NaN alone shows nothing either.
    const shown = rows.some((row) =>
      Object.entries(row).some(([key, value]) => key !== 'time' && value !== null && value !== ''),
    );
    if (rows.length > 0) expect(shown).toBe(true);
  });

  it.each(queries.filter(([, , kind]) => kind === 'variable' || kind === 'annotation'))('%s', async (_, rawSql) => {
    expect((await ask(rawSql)).length).toBeGreaterThan(0);
  });

  it.each(queries.filter(([, , kind]) => kind === 'rule'))(
    '%s: texts that become labels, and one number',
    async (_, rawSql) => {
      // Whether it finds something depends on the hour; what it is made of does not.
      const reply = await fetch(`${url}/?default_format=JSON`, { method: 'POST', body: rawSql });
      const { meta } = JSON.parse(await reply.text()) as { meta: { name: string; type: string }[] };
      expect(meta.at(-1)!.type).toBe('Float64');
      for (const { type } of meta.slice(0, -1)) expect(['String', 'LowCardinality(String)']).toContain(type);
    },
  );

  it('compares the reference with what came: shares that add up to one', async () => {
    const [, query] = panels.find(([name]) => name.includes('Distribution'))!;
    const rows = (await ask(query, 'purpose')) as { bin: string; reference: number; now: number }[];
    expect(rows.map(({ bin }) => bin)).toContain('unseen');
    expect(rows.reduce((sum, { reference }) => sum + reference, 0)).toBeCloseTo(1, 9);
    expect(rows.reduce((sum, { now }) => sum + now, 0)).toBeCloseTo(1, 9);
  });
});
