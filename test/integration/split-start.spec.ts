import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runApp } from '../support/app-process.js';
import { type ClickHouseFront, startClickHouseFront } from '../support/clickhouse-server.js';

const APPS = ['api', 'ingester', 'evaluator', 'alerter'] as const;
const NOWHERE = '127.0.0.1:1';

/** What an app of its own says when it cannot start, in a sentence with what to change. */
describe('an app as a process of its own', () => {
  let folder: string;
  let store: ClickHouseFront;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-split-start-'));
    store = await startClickHouseFront({ dataDir: join(folder, 'store') });
  }, 120_000);
  afterAll(async () => {
    await store?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(APPS)(
    'refuses the embedded engine: %s',
    async (app) => {
      for (const args of [[], ['--migrate']]) {
        const { code, output } = await runApp(app, args, {
          PLUMBLINE_DATA_DIR: folder,
          PLUMBLINE_KAFKA_BROKERS: NOWHERE,
        });
        expect(code).toBe(1);
        expect(output).toContain(`the ${app} as a process of its own needs a ClickHouse server`);
        expect(output).toContain('set PLUMBLINE_CLICKHOUSE_URL, or run all four apps in one process');
      }
    },
    120_000,
  );

  it.each(APPS)(
    'refuses to be without Kafka: %s',
    async (app) => {
      const { code, output } = await runApp(app, [], { PLUMBLINE_CLICKHOUSE_URL: store.url });
      expect(code).toBe(1);
      expect(output).toContain(`the ${app} as a process of its own needs Kafka to reach the others`);
      expect(output).toContain('set PLUMBLINE_KAFKA_BROKERS');
    },
    120_000,
  );

  it('refuses tables that lack migrations, and says how to run them; then it says what else is missing', async () => {
    const env = {
      PLUMBLINE_CLICKHOUSE_URL: store.url,
      PLUMBLINE_KAFKA_BROKERS: NOWHERE,
      PLUMBLINE_CLICKHOUSE_DATABASE: 'fresh',
    };
    const before = await runApp('evaluator', [], env);
    expect(before.code).toBe(1);
    expect(before.output).toMatch(
      /the tables lack \d+ migrations \(registry, .*\): run "node apps\/evaluator\/dist\/main\.js --migrate" once/,
    );
    expect(await runApp('evaluator', ['--migrate'], env)).toMatchObject({ code: 0 });
    expect((await runApp('api', ['--migrate'], env)).output).toContain('the tables are up to date');

    // With tables it goes on to the broker, which is not there either.
    const alerter = await runApp('alerter', [], env);
    expect(alerter.code).toBe(1);
    expect(alerter.output).toContain('there is no receiver: alerts are only written to the log');
    expect(alerter.output).toContain(NOWHERE);
  }, 240_000);
});
