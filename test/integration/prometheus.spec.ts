import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { alertRules, type PrometheusRules } from '../../grafana/src/alert-rules.js';
import { dashboards } from '../../grafana/src/dashboards.js';
import { describeWithPrometheus, Prometheus, type PrometheusSample } from '../support/prometheus.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';

const DEPLOY = resolve(import.meta.dirname, '../../deploy');
const PATIENCE_MS = 120_000;

interface ScrapeConfiguration {
  readonly job_name: string;
}
const configuration = parse(readFileSync(join(DEPLOY, 'prometheus.yml'), 'utf8')) as {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly ScrapeConfiguration[];
};
const ruleFiles = configuration.rule_files.map(
  (name) => parse(readFileSync(join(DEPLOY, name), 'utf8')) as PrometheusRules,
);
const rules = ruleFiles.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const recorded = rules.flatMap(({ record }) => (record === undefined ? [] : [record]));

const panels = [...dashboards().values()].flatMap((dashboard) =>
  (dashboard.panels ?? []).flatMap((panel) => {
    const { title, targets = [] } = panel as { title?: string; targets?: { expr?: string }[] };
    return targets.flatMap(({ expr }): [string, string][] =>
      expr === undefined ? [] : [[`${dashboard.title}: ${title}`, expr]],
    );
  }),
);
/** Of what has not happened to this server: a counter has no series before it counts. */
const MAY_BE_EMPTY = new Set(['Plumbline: service health: Dead letters', 'Plumbline: service health: Missed ticks']);

/** What we tell of ourselves, read by a real Prometheus as it is deployed. @embedded-only: the store makes no difference to it. */
describeWithPrometheus()('a Prometheus that scrapes the standalone server', () => {
  let dataDir: string;
  let server: StandaloneServer;
  let prometheus: Prometheus;
  let sent = 0;
  let asked: Promise<void> | undefined;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-scraped-'));
    server = await StandaloneServer.start({
      dataDir,
      env: {
        PLUMBLINE_EVALUATION_ENABLED: 'true',
        PLUMBLINE_EVALUATION_TICK: '1s',
        PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
        PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
      },
    });
    await declare('/v1/models/scraped', { windows: { every: '1m', settle: '1s' } });
    // Nobody listens there: attempts are counted all the same.
    await declare('/v1/receivers/away', { channel: 'webhook', url: 'http://127.0.0.1:9/' });
    prometheus = await Prometheus.start({
      ...configuration,
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: configuration.rule_files.map((name) => join(DEPLOY, name)),
      // The addresses of containers are those of this machine here; everything else is as deployed.
      scrape_configs: configuration.scrape_configs.map(({ job_name }) => ({
        job_name,
        static_configs: [{ targets: [`127.0.0.1:${server.port}`] }],
      })),
    });
  }, 300_000);
  afterAll(async () => {
    await asked;
    await prometheus?.stop();
    await StandaloneServer.killAll();
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);

  const declare = async (path: string, declaration: object): Promise<void> => {
    const reply = await server.put(path, declaration);
    expect([path, reply.ok, reply.ok || (await reply.text())]).toEqual([path, true, true]);
  };

  /** A message that a person asks for is an attempt as any other; one at a time. */
  const askForMessage = async (): Promise<void> => {
    await (await server.post('/v1/receivers/away/test', {})).text();
    asked = undefined;
  };

  /** The series of an expression once there are any. Rates need counters that grow between scrapes, so events and messages are sent meanwhile. */
  const series = async (expression: string): Promise<readonly PrometheusSample[]> =>
    until(
      expression,
      async () => {
        const id = `p${sent++}`;
        const timestamp = new Date(Date.now() - 600_000 + sent).toISOString();
        const good = { prediction_id: id, timestamp, features: { x: sent }, prediction: { value: 1 } };
        const reply = await server.post('/v1/predictions', [
          { model: 'scraped', ...good },
          { model: 'scraped', prediction_id: id, features: 'none' },
        ]);
        await reply.text();
        asked ??= askForMessage();
        const found = await prometheus.query(expression);
        return found.length > 0 ? found : undefined;
      },
      PATIENCE_MS,
    );

  it('finds it, and can read all that it says', async () => {
    const target = await until(
      'a target that was scraped',
      async () => {
        const { activeTargets } = await prometheus.get<{
          activeTargets: { health: string; lastError: string; labels: { job: string } }[];
        }>('targets');
        return activeTargets.find(({ health }) => health !== 'unknown');
      },
      PATIENCE_MS,
    );
    expect(target).toMatchObject({ health: 'up', lastError: '', labels: { job: 'plumbline' } });
    const [build] = await series('plumbline_build_info');
    expect(build).toMatchObject({ metric: { job: 'plumbline' }, value: [expect.anything(), '1'] });
  });

  it('loads all rules, and can evaluate each', async () => {
    const loaded = await until(
      'rules that were evaluated',
      async () => {
        const { groups } = await prometheus.get<{
          groups: { rules: { name: string; health: string; lastError?: string }[] }[];
        }>('rules');
        const all = groups.flatMap((group) => group.rules);
        return all.some(({ health }) => health === 'unknown') ? undefined : all;
      },
      PATIENCE_MS,
    );
    expect(loaded.map(({ name }) => name).sort()).toEqual(rules.map(({ record, alert }) => record ?? alert).sort());
    expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  it('records what the recording rules say', async () => {
    for (const name of recorded) {
      const values = (await series(name)).map(({ value }) => Number(value[1]));
      expect([name, values.every((value) => value >= 0)]).toEqual([name, true]);
    }
  }, 300_000);

  it('understands what the alert rules of Grafana ask it', async () => {
    const asked = alertRules({ groups: ruleFiles.flatMap(({ groups }) => groups) }).flatMap((group) =>
      group.rules.flatMap(({ data: [query] }) => (typeof query?.model.expr === 'string' ? [query.model.expr] : [])),
    );
    expect(asked.length).toBe(rules.filter(({ alert }) => alert !== undefined).length);
    for (const expression of asked) await prometheus.query(expression);
    // What holds now: messages fail. What Grafana asks says so by itself, without a recorded value.
    expect(await series(asked.find((expression) => expression.includes('notifications'))!)).not.toEqual([]);
  });

  it.each(panels)('answers the panel %s', async (name, expression) => {
    const found = MAY_BE_EMPTY.has(name) ? await prometheus.query(expression) : await series(expression);
    expect(found.every(({ value }) => value[1] !== '')).toBe(true);
  });
});
