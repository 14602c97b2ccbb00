// @embedded-only: what is measured does not depend on where the store is.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertReply, MeasurementReply } from '@plumbline/contracts';
import { compareSamples, type MethodId } from '@plumbline/statistics';
import { runCli } from '../support/cli.js';
import { type BikeSharingRow, readBikeSharing } from '../support/read-bike-sharing.js';
import { readElec } from '../support/read-elec.js';
import { describeWithShared } from '../support/shared-data.js';
import { StandaloneServer } from '../support/standalone-server.js';

const MINUTE_MS = 60_000;
/** Predictions of 2011 are refused for their age: they are imported as of twelve years later. */
const TWELVE_YEARS_MS = Date.UTC(2023, 0, 1) - Date.UTC(2011, 0, 1);
const METHODS =
  'psi.decile psi.evidently psi.equal-width-30 psi.hopsworks ks wasserstein.std wasserstein.raw js.base2 js.e js.divergence ' +
  'chi2.contingency chi2.gof hellinger kl tv linf mean-shift mann-whitney';

/** Every method in one window or several, of data whose numbers are known, through import, reference and evaluation. */
describeWithShared(['data/bike_sharing', 'data/elec'])('drift of public data', () => {
  let folder: string;
  let server: StandaloneServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-public-data-'));
    server = await StandaloneServer.start({ dataDir: join(folder, 'data') });
  }, 120_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await rm(folder, { recursive: true, force: true });
  });

  const cli = async (...args: string[]): Promise<string> => {
    const result = await runCli(server.url, ...args);
    if (result.code !== 0)
      throw new Error(`plumbline ${args.join(' ')}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
    return result.stdout;
  };
  const all = async <T>(path: string): Promise<T[]> => {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: { items: T[]; next_cursor: string | null } = await server.get(`${path}limit=500${next}`);
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  };

  /** Declares a model, uploads its reference, imports the rows and evaluates their windows. */
  async function evaluate(
    model: string,
    windows: { every: string; fromMs: number; toMs: number },
    reference: string,
    predictions: string,
    methods: string,
  ): Promise<MeasurementReply[]> {
    const from = new Date(windows.fromMs).toISOString();
    const declaration = join(folder, `${model}.yaml`);
    await writeFile(
      declaration,
      `kind: model
name: ${model}
windows: { every: ${windows.every}, anchor: "${from}" }
---
kind: monitor
model: ${model}
name: every-method
detector: feature_drift
numeric_methods: [${methods.split(' ').join(', ')}]
`,
    );
    await cli('apply', '-f', declaration);
    const files = await Promise.all(
      Object.entries({ reference, predictions }).map(async ([name, text]) => {
        const path = join(folder, `${model}-${name}.csv`);
        await writeFile(path, text);
        return path;
      }),
    );
    await cli('reference', 'upload', files[0]!, '--model', model, '--map', 'timestamp=at', '--map', 'ignore=id');
    await cli('import', 'predictions', files[1]!, '--model', model, '--prediction-id', 'id', '--timestamp', 'at');
    await cli('evaluate', '--model', model, '--from', from, '--to', new Date(windows.toMs).toISOString());
    return all(`/v1/models/${model}/measurements?`);
  }

  describe('bike_sharing, January against February 2011', () => {
    const columns = ['temp', 'atemp', 'hum', 'windspeed', 'casual', 'registered', 'cnt'];
    const reference = { from: new Date('2011-01-01'), to: new Date('2011-01-29') };
    const current = { from: new Date('2011-01-29'), to: new Date('2011-03-01') };
    let rows: readonly BikeSharingRow[];
    let measurements: MeasurementReply[];

    const within = ({ from, to }: { from: Date; to: Date }): BikeSharingRow[] =>
      rows.filter(({ at }) => at >= from && at < to);
    const column = (period: { from: Date; to: Date }, name: string): number[] =>
      within(period).map(({ values }) => values[name]!);

    beforeAll(async () => {
      rows = readBikeSharing();
      const csv = (of: readonly BikeSharingRow[]): string =>
        [
          'id,at,' + columns.join(),
          ...of.map(({ at, values }) =>
            [
              at.getTime(),
              new Date(at.getTime() + TWELVE_YEARS_MS).toISOString(),
              ...columns.map((name) => values[name]),
            ].join(),
          ),
        ].join('\n') + '\n';
      const windows = {
        every: '31d',
        fromMs: current.from.getTime() + TWELVE_YEARS_MS,
        toMs: current.to.getTime() + TWELVE_YEARS_MS,
      };
      measurements = await evaluate('bikes', windows, csv(within(reference)), csv(within(current)), METHODS);
    }, 300_000);

    const measured = (feature: string, method: string): MeasurementReply => {
      const found = measurements.find(
        (one) => one.feature === feature && one.method === method && one.monitor === 'every-method',
      );
      if (found === undefined) throw new Error(`nothing was measured of ${feature} by ${method}`);
      return found;
    };

    it.each([
      ['ks', 'temp', 0.3269, 4],
      ['ks', 'windspeed', 0.0759, 4],
      ['wasserstein.std', 'temp', 0.9674, 4],
      ['wasserstein.std', 'casual', 0.736, 3],
    ])('%s of %s is %p', (method, feature, expected, digits) => {
      const { value, error_bound: bound } = measured(feature, method);
      expect(Math.abs(value! - expected)).toBeLessThanOrEqual(bound! + 0.5 * 10 ** -digits);
    });

    it('PSI as Evidently has it is the number of the table', () => {
      const values = (method: MethodId): number[] =>
        ['temp', 'hum', 'windspeed', 'registered', 'cnt'].map(
          (feature) => compareSamples(method, column(reference, feature), column(current, feature)).value,
        );
      const near = (actual: readonly number[], expected: readonly number[]): void =>
        actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(6e-5));
      near(values('psi.evidently'), [0.8191, 0.2571, 0.2065, 0.0981, 0.1253]);
    });

    it('every method of every column is its value from the raw rows, within its error bound', () => {
      for (const feature of columns) {
        for (const method of METHODS.split(' ') as MethodId[]) {
          const raw = compareSamples(method, column(reference, feature), column(current, feature));
          const { value, error_bound: bound, severity, reason } = measured(feature, method);
          if (severity === 'error') {
            // Other bins than the reference's, of which counts can say too little: refused rather than guessed.
            expect(['psi.evidently', 'psi.equal-width-30']).toContain(method);
            expect(reason).toContain('lie elsewhere');
            continue;
          }
          const difference = Math.abs(value! - raw.value);
          const allowed = (bound ?? 0) + 1e-9 * Math.max(1, Math.abs(raw.value));
          if (!(difference <= allowed) && value !== raw.value) {
            throw new Error(`${method} of ${feature}: ${value} ± ${bound} from cells, ${raw.value} from the rows`);
          }
        }
      }
    });
  });

  describe('elec, whose columns are constant until row 17 424', () => {
    const WINDOW = 4_531;
    const STEP_MS = 30 * MINUTE_MS;
    const START_MS = Date.parse('2020-01-01T00:00:00Z');
    const columns = ['nswprice', 'nswdemand', 'vicprice', 'vicdemand', 'transfer'];
    const KS_OF_VICPRICE = [0, 0, 0, 0.1048, 0.7784, 0.8155, 0.9274, 0.8991, 0.5835, 0.5151];
    let measurements: MeasurementReply[];
    const windowOf = ({ window_end: end }: { window_end: string }): number =>
      (Date.parse(end) - START_MS) / (WINDOW * STEP_MS) - 1;

    beforeAll(async () => {
      const data = readElec();
      const rows = data.get('vicprice')!.length;
      const csv = (count: number): string =>
        [
          'id,at,' + columns.join(),
          ...Array.from({ length: count }, (_, row) =>
            [
              row,
              new Date(START_MS + row * STEP_MS).toISOString(),
              ...columns.map((name) => data.get(name)![row]),
            ].join(),
          ),
        ].join('\n') + '\n';
      const windows = { every: `${WINDOW * 30}m`, fromMs: START_MS, toMs: START_MS + 10 * WINDOW * STEP_MS };
      measurements = await evaluate('electricity', windows, csv(17_000), csv(rows), 'psi.decile ks');
    }, 300_000);

    it('KS of vicprice in each window is that of the table, and a constant reference fails nowhere', () => {
      expect(measurements.filter(({ severity }) => severity === 'error')).toEqual([]);
      KS_OF_VICPRICE.forEach((expected, window) => {
        const found = measurements.find(
          (one) => one.feature === 'vicprice' && one.method === 'ks' && windowOf(one) === window,
        )!;
        expect(found.value!).toBeLessThanOrEqual(expected + 6e-5);
        expect(found.value! + found.error_bound!).toBeGreaterThanOrEqual(expected - 6e-5);
      });
    });

    it('the alerts of vicprice and transfer fire in the window that holds the change', async () => {
      const alerts = await all<AlertReply>('/v1/alerts?model=electricity&');
      const change = Math.floor(17_424 / WINDOW);
      for (const feature of ['vicprice', 'transfer']) {
        const fired = alerts
          .filter((alert) => alert.feature === feature)
          .map((alert) => windowOf({ window_end: alert.fired_at }));
        expect(Math.min(...fired)).toBe(change);
      }
    });
  });
});
