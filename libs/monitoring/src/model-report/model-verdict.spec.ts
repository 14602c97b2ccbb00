import type { ReportedRetrainingRun, SeriesPoint, SeriesSummary, VerdictPart } from '@plumbline/contracts';
import { modelVerdict } from './model-verdict.js';

const DAY_MS = 86_400_000;
const at = (day: number): number => Date.UTC(2026, 0, day);

const pointOf = (day: number, values: Partial<SeriesPoint> = {}): SeriesPoint => ({
  ...{ windowStartMs: at(day) - DAY_MS, windowEndMs: at(day), dataStartMs: at(day) - DAY_MS, value: 0.01, effect: 0 },
  ...{ pValue: 0.5, adjustedPValue: 0.5, alpha: 0.01, nReference: 100, nCurrent: 100 },
  ...{ thresholdWarning: 0.1, thresholdCritical: 0.25, referenceId: 'r', severity: 'ok', reason: '' },
  ...values,
});

const seriesOf = (feature: string, values: Partial<SeriesSummary> = {}): SeriesSummary => ({
  ...{ version: '1', segment: '', feature, method: 'psi.decile', monitor: 'feature-drift', decides: true },
  ...{ windows: 14, breaches: 0, firstBreachMs: undefined, lastBreachMs: undefined },
  ...{ newest: pointOf(15), worst: pointOf(10) },
  ...values,
});

const moved = pointOf(15, { value: 0.4, effect: 0.4, severity: 'critical' });
const fell = pointOf(15, { value: 0.74, effect: 1 - 0.74 / 0.83, severity: 'warning', thresholdWarning: 0.05 });
const breached = { breaches: 3, firstBreachMs: at(12), lastBreachMs: at(14) };
const accuracy = (values: Partial<SeriesSummary> = {}): SeriesSummary =>
  seriesOf('', {
    ...{ method: 'accuracy', monitor: 'performance', newest: pointOf(15, { value: 0.83 }), ...values },
  });
const gone = pointOf(15, { severity: 'no_data', value: NaN, effect: NaN });

const run = {
  status: 'verified',
  newVersion: '2',
  requestedAtMs: at(14),
  updatedAtMs: at(15),
} as ReportedRetrainingRun;

const said = (parts: readonly VerdictPart[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : new Date(part.dayOfMs).toISOString().slice(0, 10))).join('');

it.each<[string, SeriesSummary[], ReportedRetrainingRun[], string, string]>([
  ['nothing', [], [], 'neutral', 'Nothing was measured of loans in this time.'],
  [
    'quiet',
    [seriesOf('a'), seriesOf('b'), accuracy()],
    [],
    'ok',
    'none of 2 features of loans moved; accuracy holds at 0.83 (0.72 to 0.76) with labels for 61 % of the predictions.',
  ],
  [
    'drift and a loss now',
    [
      seriesOf('a', { ...breached, newest: moved, worst: moved }),
      seriesOf('b'),
      accuracy({ newest: fell, worst: fell }),
    ],
    [],
    'critical',
    '1 of 2 features of loans moved since 2026-01-12 (a); accuracy fell from 0.83 to 0.74 (0.72 to 0.76) with labels for 61 % of the predictions.',
  ],
  [
    'drift of a version that was replaced, and the loss with it',
    [
      seriesOf('a', { ...breached, newest: gone, worst: moved }),
      seriesOf('a', { version: '2' }),
      accuracy({ ...breached, newest: gone, worst: { ...fell, windowEndMs: at(14) } }),
      accuracy({ version: '2', newest: pointOf(15, { value: 0.85 }) }),
    ],
    [run],
    'ok',
    '1 of 1 feature of loans moved between 2026-01-12 and 2026-01-13 (a) and is back within its bounds; accuracy fell from 0.83 to 0.74 on 2026-01-13 and is 0.85 now; retrained as version 2, verified on 2026-01-15.',
  ],
  [
    'answers alone',
    [seriesOf('a'), seriesOf('$score', { ...breached, newest: moved, worst: moved, monitor: 'prediction-drift' })],
    [],
    'critical',
    'none, but',
  ],
  [
    'no reference',
    [
      seriesOf('a', {
        newest: pointOf(15, { severity: 'no_reference' }),
        worst: pointOf(15, { severity: 'no_reference' }),
      }),
    ],
    [],
    'neutral',
    'the features of loans have no reference to be compared with.',
  ],
  [
    'too few labels',
    [seriesOf('a'), accuracy({ newest: pointOf(15, { severity: 'insufficient_data', value: NaN }) })],
    [],
    'ok',
    'the feature of loans did not move; there are too few labels to judge how well it does.',
  ],
])('says in a sentence: %s', (name, summaries, runs, tone, sentence) => {
  const verdict = modelVerdict({
    model: 'loans',
    summaries,
    runs,
    evidenceOf: () => ({ lower: 0.72, upper: 0.76, coverage: 0.61 }),
  });
  expect(verdict.tone).toBe(tone);
  if (name === 'answers alone')
    expect(said(verdict.sentence)).toBe('the feature of loans did not move, but its scores did.');
  else expect(said(verdict.sentence)).toBe(sentence);
});
