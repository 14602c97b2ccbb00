import type { ReportedRetrainingRun, SeriesPoint, SeriesSummary } from '@plumbline/contracts';
import { modelChanges } from './model-changes.js';

const point: SeriesPoint = {
  ...{
    windowStartMs: 90,
    windowEndMs: 100,
    dataStartMs: 90,
    value: 0.4,
    effect: 0.3,
    pValue: NaN,
    adjustedPValue: NaN,
  },
  ...{ alpha: NaN, nReference: 1, nCurrent: 1, thresholdWarning: 0.1, thresholdCritical: NaN, referenceId: 'r' },
  ...{ severity: 'critical', reason: '' },
};
const seriesOf = (feature: string, values: Partial<SeriesSummary> = {}): SeriesSummary => ({
  ...{ version: '1', segment: '', feature, method: 'psi.decile', monitor: 'm', decides: true, windows: 9, breaches: 2 },
  ...{ firstBreachMs: 10, lastBreachMs: 100, newest: point, worst: point },
  ...values,
});
const told = (input: Partial<Parameters<typeof modelChanges>[0]>): [number, string, string][] =>
  modelChanges({ summaries: [], versions: [], runs: [], references: [], ...input }).map(({ atMs, tone, text }) => [
    atMs,
    tone,
    text,
  ]);

it('joins what left its bounds in the same window, and tells when it came back', () => {
  const healed = { lastBreachMs: 50, newest: { ...point, severity: 'ok' as const } };
  expect(
    told({ summaries: ['a', 'b', 'c', 'd', 'e'].map((name) => seriesOf(name, name === 'a' ? healed : {})) }),
  ).toEqual([
    [10, 'critical', 'a, b, c, d and 1 more drifted (version 1)'],
    [50, 'ok', 'a back within bounds (version 1)'],
  ]);
});

it('tells of each kind in its own words', () => {
  const worst = (values: Partial<SeriesPoint>): Partial<SeriesSummary> => ({ worst: { ...point, ...values } });
  expect(
    told({
      summaries: [
        seriesOf('', { method: 'accuracy', firstBreachMs: 1, ...worst({ value: 0.74, effect: 1 - 0.74 / 0.83 }) }),
        seriesOf('', { method: 'error_rate', firstBreachMs: 2, ...worst({ value: 0.12, severity: 'warning' }) }),
        seriesOf('', { method: 'latency_p99_ms', firstBreachMs: 3, ...worst({ value: 2300 }) }),
        seriesOf('x', { method: 'unseen_rate', firstBreachMs: 4 }),
        seriesOf('$score', { firstBreachMs: 5 }),
        seriesOf('', { method: 'accuracy', firstBreachMs: 6, ...worst({ value: NaN, effect: NaN }) }),
        seriesOf('y', { decides: false }),
        seriesOf('z', { breaches: 0, firstBreachMs: undefined, lastBreachMs: undefined }),
      ],
    }),
  ).toEqual([
    [1, 'critical', 'accuracy 0.83 → 0.74 (version 1)'],
    [2, 'warning', 'error rate 12 % (version 1)'],
    [3, 'critical', 'latency p99 2,300 ms (version 1)'],
    [4, 'critical', 'bad values: x (unseen categories) (version 1)'],
    [5, 'critical', 'scores drifted (version 1)'],
    [6, 'critical', 'accuracy not known (version 1)'],
  ]);
});

it('tells of versions, references and retraining, oldest first', () => {
  const run = { policy: 'p', status: 'verified', newVersion: '2', requestedAtMs: 30, updatedAtMs: 40 };
  const waiting = { policy: 'q', status: 'awaiting_approval', newVersion: '', requestedAtMs: 35, updatedAtMs: 36 };
  expect(
    told({
      versions: [
        { version: '2', firstMs: 45, lastMs: 99, fromStart: false, toEnd: true },
        { version: '1', firstMs: 0, lastMs: 46, fromStart: true, toEnd: false },
      ],
      references: [{ version: '2', rows: 5000, createdAtMs: 41 }],
      runs: [waiting, run] as ReportedRetrainingRun[],
    }),
  ).toEqual([
    [30, 'info', 'retraining asked for by policy p'],
    [35, 'info', 'retraining asked for by policy q'],
    [40, 'ok', 'retraining by policy p: verified, with version 2'],
    [41, 'info', 'reference made for version 2: 5,000 rows'],
    [45, 'info', 'version 2 makes its first predictions'],
    [46, 'info', 'version 1 makes its last predictions'],
  ]);
});
