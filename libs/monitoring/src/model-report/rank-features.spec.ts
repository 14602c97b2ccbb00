import type { SeriesPoint, SeriesSummary, Severity } from '@plumbline/contracts';
import { currentSeries } from './current-series.js';
import { rankFeatures } from './rank-features.js';

const pointOf = (severity: Severity, effect: number, windowEndMs = 10): SeriesPoint => ({
  ...{ windowStartMs: windowEndMs - 1, windowEndMs, dataStartMs: windowEndMs - 1, value: effect, effect },
  ...{ pValue: NaN, adjustedPValue: NaN, alpha: NaN, nReference: 1, nCurrent: 1, thresholdWarning: 0.1 },
  ...{ thresholdCritical: NaN, referenceId: 'r', severity, reason: '' },
});

const seriesOf = (
  feature: string,
  now: Severity,
  worst: Severity,
  effect: number,
  values: Partial<SeriesSummary> = {},
) => ({
  ...{ version: '1', segment: '', feature, method: 'psi.decile', monitor: 'm', decides: true, windows: 9 },
  ...{ breaches: worst === 'ok' ? 0 : 1, firstBreachMs: undefined, lastBreachMs: undefined },
  newest: pointOf(now, now === 'ok' ? 0 : effect),
  worst: pointOf(worst, effect),
  ...values,
});

it('puts what is worst now first, then what was worst, then by the effect beside the threshold', () => {
  const ranked = rankFeatures([
    seriesOf('small', 'ok', 'ok', 0.01),
    seriesOf('was critical', 'ok', 'critical', 0.9),
    seriesOf('large', 'ok', 'ok', 0.09),
    seriesOf('is a warning', 'warning', 'warning', 0.2),
    seriesOf('only records', 'critical', 'critical', 9, { decides: false }),
    seriesOf('', 'critical', 'critical', 9),
    seriesOf('unknown', 'insufficient_data', 'ok', NaN),
  ]);
  expect(ranked.map(({ feature }) => feature)).toEqual(['is a warning', 'was critical', 'large', 'small', 'unknown']);
});

it('tells of a feature the version that moved furthest, and how it is in the version that answers now', () => {
  const [rank, ...others] = rankFeatures([
    seriesOf('a', 'no_data', 'critical', 0.9),
    seriesOf('a', 'ok', 'ok', 0.01, { version: '2' }),
  ]);
  expect(others).toEqual([]);
  expect([rank!.worst.version, rank!.current.version]).toEqual(['1', '2']);
  // Of one that never left its bounds the version that answers is told of.
  const [quiet] = rankFeatures([
    seriesOf('a', 'no_data', 'ok', 0.09),
    seriesOf('a', 'ok', 'ok', 0.01, { version: '2' }),
  ]);
  expect(quiet!.worst.version).toBe('2');
});

it.each<[string, SeriesSummary[], string[]]>([
  [
    'two versions that both answer',
    [seriesOf('a', 'ok', 'ok', 0), seriesOf('a', 'warning', 'warning', 1, { version: '2' })],
    ['1', '2'],
  ],
  [
    'one that ended before',
    [
      seriesOf('a', 'ok', 'ok', 0, { newest: pointOf('critical', 1, 5) }),
      seriesOf('a', 'ok', 'ok', 0, { version: '2' }),
    ],
    ['2'],
  ],
  [
    'none that answers',
    [seriesOf('a', 'no_data', 'ok', 0), seriesOf('a', 'no_data', 'ok', 0, { version: '2' })],
    ['1', '2'],
  ],
])('is now what the newest window with data says: %s', (_, summaries, expected) => {
  expect(currentSeries(summaries).map(({ version }) => version)).toEqual(expected);
});
