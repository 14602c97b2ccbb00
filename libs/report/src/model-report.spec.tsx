import type { ModelReport, RankedFeature, SeriesPoint } from '@plumbline/contracts';
import { modelReportHtml } from './model-report.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const HOSTILE = '</title></svg><script>alert("x")</script><img src=x onerror=alert(1)>\u202e\u0000';

const pointOf = (values: Partial<SeriesPoint> = {}): SeriesPoint => ({
  ...{ windowStartMs: START_MS, windowEndMs: START_MS + DAY_MS, dataStartMs: START_MS },
  ...{ value: 0.4, effect: 0.3, pValue: 0.01, adjustedPValue: 0.02, alpha: 0.01, nReference: 100, nCurrent: 100 },
  ...{ thresholdWarning: 0.1, thresholdCritical: 0.25, referenceId: 'r', severity: 'critical', reason: 'because' },
  ...values,
});

const featureOf = (feature: string, values: Partial<RankedFeature> = {}): RankedFeature => ({
  ...{ feature, version: '1', segment: '', monitor: 'feature-drift', method: 'psi.decile' },
  ...{ severity: 'critical', worstSeverity: 'critical', told: pointOf(), windows: 14, breaches: 3 },
  ...{ firstBreachMs: START_MS + DAY_MS, lastBreachMs: START_MS + 3 * DAY_MS, change: 'mean 1 → 2' },
  distribution: { labels: ['< 1', '≥ 1'], reference: [0.5, 0.5], current: [0.25, 0.75] },
  trend: [0.1, NaN, 4],
  ...values,
});

const EMPTY: ModelReport = {
  scope: {
    project: 'p',
    model: 'loans',
    version: undefined,
    segment: '',
    fromMs: START_MS,
    toMs: START_MS + 14 * DAY_MS,
  },
  createdAtMs: START_MS + 14 * DAY_MS,
  versions: [],
  verdict: { tone: 'neutral', sentence: ['Nothing was measured of loans in this time.'] },
  changes: [],
  ranking: { features: [], moreFeatures: 0 },
  heatMap: { startMs: START_MS, columnMs: DAY_MS, columns: 14, rows: [], moreFeatures: 0 },
  performance: { drawn: [], summaries: [] },
  dataQuality: {
    ...{ quality: [], moreQuality: 0, features: 0, traffic: [] },
    volume: { startMs: START_MS, columnMs: DAY_MS, predictions: [], errors: [] },
  },
  ...{ alerts: [], moreAlerts: 0, runs: [], moreRuns: 0, methods: [], references: [] },
};

const reportOf = (names: readonly string[], drawn = 20): ModelReport => ({
  ...EMPTY,
  scope: { ...EMPTY.scope, model: names[0]!, segment: names[0]! },
  versions: [{ version: names[0]!, predictions: 1000.4 }],
  verdict: {
    tone: 'critical',
    sentence: [`1 of ${names.length} features of ${names[0]!} moved since `, { dayOfMs: START_MS }, '.'],
  },
  changes: [{ kind: 'drift', atMs: START_MS, tone: 'critical', text: `${names[0]!} drifted` }],
  ranking: {
    features: names.map((name, index) =>
      featureOf(
        name,
        index < drawn ? {} : { distribution: undefined, trend: [], breaches: 0, firstBreachMs: undefined },
      ),
    ),
    moreFeatures: 3,
  },
  heatMap: {
    ...EMPTY.heatMap,
    rows: names.slice(0, drawn).map((feature) => ({
      feature,
      levels: Array.from(
        { length: 14 },
        (_, column) => (['low', 'near', 'warning', 'critical', 'unknown'] as const)[column % 7],
      ),
      ratios: Array<number>(14).fill(1),
    })),
  },
  performance: {
    drawn: [
      {
        ...{ metric: 'accuracy', version: names[0]!, monitor: 'performance', decides: true, reference: 0.83 },
        ...{ warningAt: 0.79, criticalAt: 0.75 },
        points: [0.83, NaN, 0.74].map((value, day) => ({
          ...{ windowStartMs: START_MS + day * DAY_MS, windowEndMs: START_MS + (day + 1) * DAY_MS, value },
          ...{ lower: value - 0.02, upper: value + 0.02, nLabelled: 60, coverage: 0.6, provisional: day === 2 },
          severity: day === 2 ? 'critical' : 'ok',
        })),
      },
    ],
    summaries: [
      {
        ...{ version: names[0]!, segment: '', feature: '', method: 'accuracy', monitor: names[0]!, decides: true },
        ...{
          windows: 3,
          breaches: 1,
          firstBreachMs: START_MS,
          lastBreachMs: START_MS,
          newest: pointOf(),
          worst: pointOf(),
        },
        reference: 0.83,
      },
    ],
  },
  alerts: [
    {
      ...{
        alertId: 'a',
        monitor: names[0]!,
        version: names[0]!,
        segment: names[0]!,
        feature: names[0]!,
        method: 'psi.decile',
      },
      ...{ status: 'resolved', severity: 'critical', value: 1, threshold: 1, reason: names[0]!, firedAtMs: START_MS },
      ...{ resolvedAtMs: START_MS + DAY_MS, resolvedBy: names[0]! },
    },
  ],
  runs: [
    {
      ...{
        runId: 'r',
        policy: names[0]!,
        version: names[0]!,
        newVersion: names[0]!,
        status: 'failed',
        reason: names[0]!,
      },
      ...{ detail: names[0]!, requestedAtMs: START_MS, updatedAtMs: START_MS, comparison: undefined },
      externalUrl: 'javascript:alert(1)',
    },
  ],
  methods: [
    {
      ...{ method: 'psi.decile', monitors: [names[0]!], series: 1, windows: 14, warnings: [0.1], criticals: [0.25] },
      ...{ alphas: [0.01], formula: 'Σ(p−q)·ln(p/q)', bins: 'deciles of the reference' },
    },
  ],
  references: [
    { referenceId: names[0]!, version: '', kind: 'uploaded', rows: 10, createdAtMs: START_MS, source: names[0]! },
  ],
});

const UTC = { zone: 'UTC' };

describe('modelReportHtml', () => {
  it('keeps what a user typed as text, wherever it stands', () => {
    const html = modelReportHtml(reportOf([HOSTILE]), UTC);
    expect(html.match(/<script|<img|javascript:|[\u0000\u202e]/g)).toBeNull();
    // Nothing that was typed closes an element of ours.
    expect(html.match(/<\/title>/g)).toHaveLength(html.match(/<title>/g)!.length);
    expect(html.match(/<svg/g)).toHaveLength(html.match(/<\/svg>/g)!.length);
    expect(html).toContain('&lt;/title&gt;');
  });

  it('needs nothing beside it, and says so to the browser: no address that would be loaded', () => {
    const html = modelReportHtml(reportOf(['income', 'age']), UTC);
    expect(html.match(/(?:src|href|xlink:href)="(?!data:|#)|url\((?!#)|@import|http-equiv/g)).toBeNull();
    expect(html).not.toContain('<script');
    expect(html).toContain('@media (prefers-color-scheme: dark)');
    expect(html).toContain('@media print');
    // One drawing for both schemes: colours are variables of the style sheet.
    const charts = html.match(/<svg role="img"[^]*?<\/svg>/g)!;
    expect(charts.length).toBeGreaterThan(3);
    for (const chart of charts) expect(chart.match(/(?:fill|stroke)="(?!var|none|#000)[^"]*"/g)).toBeNull();
  });

  it('is the same text for the same data, however often it is made', () => {
    const report = reportOf(['income', 'age']);
    expect(modelReportHtml(report, UTC)).toBe(modelReportHtml(report, UTC));
  });

  it('tells what every chart shows to who cannot see it', () => {
    const html = modelReportHtml(reportOf(['income']), UTC);
    expect(html).toContain('<desc>mean 1 → 2. &lt; 1: 50 %, now 25 %; ≥ 1: 50 %, now 75 %</desc>');
    expect(html).toContain('income: critical in 2, warning in 2 of 10 columns');
    expect(html).toContain('Version income: 2 windows, 0.74 to 0.83, 0.74 in the last');
  });

  it('writes times in the zone that is asked for', () => {
    const html = modelReportHtml(reportOf(['income']), { zone: 'America/New_York' });
    expect(html).toContain(
      '<time datetime="2026-01-01T00:00:00.000Z" data-form="minute" class="instant">2025-12-31 19:00',
    );
  });

  it('says what to do where there is nothing to show', () => {
    const html = modelReportHtml(EMPTY, UTC);
    for (const said of [
      'Nothing was measured of loans in this time.',
      'No feature was compared with a reference in this time',
      'No labels in this time',
      'No predictions in this time',
      'No alert fired in this time.',
      'Nothing was retrained in this time',
      'No reference was compared with.',
    ])
      expect(html).toContain(said);
  });

  it('stays a file that can be mailed with hundreds of features', () => {
    const names = Array.from({ length: 300 }, (_, index) => `feature_${index}`);
    const html = modelReportHtml(reportOf(names), UTC);
    expect(html.length).toBeLessThan(2_000_000);
    expect(html).toContain('280 more features, which moved less');
    expect(html).toContain('feature_299');
  });
});
