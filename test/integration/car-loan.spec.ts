// @embedded-only: the numbers do not depend on where the store is, and this takes long.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import type { AlertReply, MeasurementReply } from '@plumbline/contracts';
import { runCli } from '../support/cli.js';
import { describeWithShared, readOracle, sharedPath } from '../support/shared-data.js';
import { StandaloneServer } from '../support/standalone-server.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** 5 000 rows at one row per 523.152 s are exactly 43 596 minutes, so windows of equal length are windows of equal rows. */
const WINDOW_MS = 43_596 * 60_000;
const START_MS = Date.parse('2018-10-30T18:00:00Z');
const WINDOWS = Array.from({ length: 10 }, (_, index) => index);
const SECRET = `whsec_${Buffer.from('car-loan-integration-secret').toString('base64')}`;
/** statistics.md, section 5. */
const ACCURACY = [0.9422, 0.9422, 0.9502, 0.9436, 0.941, 0.9146, 0.9156, 0.9144, 0.9224, 0.9122];
const ROC_AUC = [0.970962, 0.970248, 0.976282, 0.967721, 0.969886, 0.96005, 0.95853, 0.959041, 0.963094, 0.957556];
const DRIFTED = ['$score', 'car_value', 'loan_length', 'repaid_loan_on_prev_car', 'salary_range'];

interface OracleWindow {
  readonly decile_ref_counts?: readonly number[];
  readonly decile_cur_counts?: readonly number[];
  readonly ks_statistic: number;
  readonly psi_decile_half?: number;
  /** Of a categorical column. */
  readonly psi_half?: number;
}

/**
 * The oracle's PSI. Of loan_length it keeps a bin that is empty in both samples, which psi.decile drops by definition: there,
 * Σ(p−q)·ln(p/q) with (c+½)/(n+½B) over the oracle's other bins.
 */
function psiWithoutEmptyBins(reference: readonly number[] | undefined, window: OracleWindow): number | undefined {
  const current = window.decile_cur_counts;
  if (reference === undefined || current === undefined) return window.psi_half;
  const bins = reference.map((n, bin) => [n, current[bin]!] as const).filter(([n, m]) => n + m > 0);
  if (bins.length === reference.length) return window.psi_decile_half;
  const share = (side: 0 | 1, count: number): number =>
    (count + 0.5) / (bins.reduce((sum, bin) => sum + bin[side], 0) + 0.5 * bins.length);
  return bins.reduce((sum, [n, m]) => sum + (share(0, n) - share(1, m)) * Math.log(share(0, n) / share(1, m)), 0);
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

const describeCarLoan = describeWithShared([
  'data/car_loan',
  'oracles/exact_car_loan_univariate.json',
  'oracles/sklearn_car_loan_performance.json',
]);

describeCarLoan('car_loan through the command line', () => {
  let folder: string;
  let server: StandaloneServer;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-car-loan-'));
    receiver = await WebhookReceiver.start();
    server = await StandaloneServer.start({
      dataDir: join(folder, 'data'),
      env: {
        CAR_LOAN_SECRET: SECRET,
        PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
        PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
      },
    });
  }, 120_000);
  afterAll(async () => {
    await StandaloneServer.killAll();
    await receiver?.stop();
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
      const page: Page<T> = await server.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      items.push(...page.items);
      cursor = page.next_cursor;
    }
    return items;
  };
  const measurements = (filter: string): Promise<MeasurementReply[]> =>
    all(`/v1/models/car-loan/measurements?${filter}`);
  const windowOf = (measurement: { window_end: string }): number =>
    (Date.parse(measurement.window_end) - START_MS) / WINDOW_MS - 1;

  it('takes reference, predictions and labels, and evaluates ten windows', async () => {
    const model = join(folder, 'model.yaml');
    await writeFile(
      model,
      `kind: model
name: car-loan
task: binary
positive_class: 1
windows: { every: 43596m, anchor: "2018-10-30T18:00:00Z" }
---
kind: retraining_policy
model: car-loan
name: drift
cool_down: 3650d
when: { alerts: {} }
target:
  url: ${receiver.url}/retrain
  secret: { env: CAR_LOAN_SECRET }
`,
    );
    await cli('apply', '-f', model);
    const data = 'data/car_loan';
    const roles = [
      '--map',
      'timestamp=timestamp',
      '--map',
      'prediction=y_pred',
      '--map',
      'score=y_pred_proba',
      '--map',
      'label=repaid',
    ];
    await cli(
      'reference',
      'upload',
      sharedPath(`${data}/reference_synthetic_car_loan.parquet`),
      '--model',
      'car-loan',
      ...roles,
    );
    const monitored = sharedPath(`${data}/monitoring_synthetic_car_loan.parquet`);
    const common = ['--model', 'car-loan', '--json'];
    const predictions = JSON.parse(
      await cli(
        'import',
        'predictions',
        monitored,
        ...common,
        '--timestamp',
        'timestamp',
        '--prediction',
        'y_pred',
        '--score',
        'y_pred_proba',
        '--label',
        'repaid',
      ),
    ) as Record<string, unknown>;
    expect(predictions).toMatchObject({ accepted: 50_000, rejected: 0 });
    const labels = JSON.parse(
      await cli('import', 'labels', monitored, ...common, '--label', 'repaid', '--timestamp', 'timestamp'),
    ) as Record<string, unknown>;
    expect(labels).toMatchObject({ accepted: 50_000, rejected: 0 });
    const to = new Date(START_MS + 10 * WINDOW_MS).toISOString();
    await cli('evaluate', '--model', 'car-loan', '--from', '2018-10-30T18:00:00Z', '--to', to);
    const gate = await runCli(
      server.url,
      'evaluate',
      '--model',
      'car-loan',
      '--from',
      '2018-10-30T18:00:00Z',
      '--to',
      to,
      '--fail-on',
      'warning',
    );
    expect(gate.code).toBe(3);
  }, 300_000);

  it('measures the accuracy and the AUC of the table', async () => {
    const accuracy = await measurements('method=accuracy');
    const auc = await measurements('method=roc_auc');
    for (const window of WINDOWS) {
      expect(accuracy.find((one) => windowOf(one) === window)?.value).toBeCloseTo(ACCURACY[window]!, 10);
      expect(Math.abs(auc.find((one) => windowOf(one) === window)!.value! - ROC_AUC[window]!)).toBeLessThan(1e-5);
    }
  });

  it('measures every metric as scikit-learn does', async () => {
    const oracle = readOracle<{ chunks_performance: Record<string, number>[] }>('sklearn_car_loan_performance');
    const names = {
      ...{ accuracy: 'accuracy', balanced_accuracy: 'balanced_accuracy', precision: 'precision', recall: 'recall' },
      ...{
        f1: 'f1',
        mcc: 'mcc',
        log_loss: 'log_loss',
        brier: 'brier',
        roc_auc: 'roc_auc',
        pr_auc: 'average_precision',
      },
    };
    const found = await measurements('monitor=performance');
    for (const [method, ofOracle] of Object.entries(names)) {
      for (const window of WINDOWS) {
        const expected = oracle.chunks_performance[window]![ofOracle]!;
        const measured = found.find((one) => one.method === method && windowOf(one) === window);
        const tolerance = method === 'roc_auc' || method === 'pr_auc' ? 1e-4 : 1e-9;
        if (!(Math.abs(measured!.value! - expected) <= tolerance)) {
          throw new Error(`${method} of window ${window} is ${measured!.value}, scikit-learn says ${expected}`);
        }
      }
    }
  });

  it('measures PSI as numpy does, and KS within its stated bound', async () => {
    const oracle = readOracle<{ results: Record<string, OracleWindow[]> }>('exact_car_loan_univariate').results;
    const found = await measurements('segment=');
    let psi = 0;
    let ks = 0;
    for (const [name, windows] of Object.entries(oracle)) {
      const feature = { y_pred_proba: '$score', y_pred: '$prediction' }[name] ?? name;
      windows.forEach((expected, window) => {
        const of = (method: string): MeasurementReply | undefined =>
          found.find((one) => one.feature === feature && one.method === method && windowOf(one) === window);
        const psiFound = of('psi.decile');
        const wanted = psiWithoutEmptyBins(windows[0]!.decile_ref_counts, expected);
        if (psiFound !== undefined && wanted !== undefined) {
          expect(Math.abs(psiFound.value! - wanted)).toBeLessThanOrEqual(1e-9 * wanted);
          psi++;
        }
        const ksFound = of('ks');
        if (ksFound !== undefined && expected.ks_statistic !== undefined) {
          expect(ksFound.value!).toBeLessThanOrEqual(expected.ks_statistic + 1e-12);
          expect(expected.ks_statistic - ksFound.value!).toBeLessThanOrEqual(ksFound.error_bound! + 1e-12);
          ks++;
        }
      });
    }
    // Nine columns are monitored, `repaid` is not; five of them are numeric.
    expect(psi).toBe(90);
    expect(ks).toBe(50);
  });

  it('is silent before the drift and names what drifts from the sixth window on', async () => {
    const alerts = await all<AlertReply>('/v1/alerts?model=car-loan');
    const drift = alerts.filter((alert) => alert.monitor === 'feature-drift' || alert.monitor === 'prediction-drift');
    expect(alerts.filter((alert) => windowOf({ window_end: alert.fired_at }) < 5)).toEqual([]);
    const first = drift.filter((alert) => windowOf({ window_end: alert.fired_at }) === 5).map((alert) => alert.feature);
    expect([...new Set(first)].sort()).toEqual(DRIFTED);
    const later = new Set(drift.map((alert) => alert.feature));
    expect([...later].sort()).toEqual(DRIFTED);
  });

  it('calls the retraining pipeline once, signed', async () => {
    const call = await until('the retraining call', () => receiver.calls[0]);
    expect(() => new Webhook(SECRET).verify(call.body, call.headers as Record<string, string>)).not.toThrow();
    expect(JSON.parse(call.body)).toMatchObject({ model: 'car-loan', policy: 'drift' });
    const runs = await until('the run to be recorded as triggered', async () => {
      const page = await all<{ status: string }>('/v1/retraining-runs');
      return page.some((run) => run.status === 'triggered') ? page : undefined;
    });
    expect(runs).toHaveLength(1);
    expect(receiver.calls).toHaveLength(1);
  });

  it('has cells that equal the raw rows', async () => {
    const verified = JSON.parse(await cli('cells', 'verify', '--model', 'car-loan', '--json')) as Record<
      string,
      unknown
    >;
    expect(verified).toMatchObject({ predictions: 50_000, mismatches: 0 });
  }, 300_000);
});
