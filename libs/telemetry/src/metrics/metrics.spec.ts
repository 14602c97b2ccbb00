import { Counter, Histogram } from 'prom-client';
import { describeMetrics } from './describe-metrics.js';
import { Metrics } from './metrics.js';
import { renderMetricsMarkdown } from './render-metrics-markdown.js';

function metricsWithOwn(): { metrics: Metrics; rejected: Counter<'reason'> } {
  const metrics = new Metrics({ version: '1.2.3' });
  const rejected = new Counter({
    name: 'plumbline_events_rejected_total',
    help: 'Events refused, by reason',
    labelNames: ['reason'],
    registers: [metrics.registry],
  });
  new Histogram({
    name: 'plumbline_batch_duration_seconds',
    help: 'From the first record\nto the commit | of a batch',
    registers: [metrics.registry],
  });
  return { metrics, rejected };
}

const expectedRows = [
  {
    name: 'plumbline_batch_duration_seconds',
    type: 'histogram',
    labels: [],
    help: 'From the first record\nto the commit | of a batch',
  },
  {
    name: 'plumbline_build_info',
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1; the labels say what runs',
  },
  { name: 'plumbline_events_rejected_total', type: 'counter', labels: ['reason'], help: 'Events refused, by reason' },
];

describe('Metrics', () => {
  it('writes OpenMetrics, the same at each scrape', async () => {
    const { metrics, rejected } = metricsWithOwn();
    rejected.inc({ reason: 'not_json' }, 2);
    for (let scrape = 0; scrape < 2; scrape++) {
      const lines = (await metrics.registry.metrics()).split('\n');
      expect(lines).toContain(`plumbline_build_info{version="1.2.3",node="${process.versions.node}"} 1`);
      expect(lines).toContain('# TYPE plumbline_events_rejected counter');
      expect(lines).toContain('plumbline_events_rejected_total{reason="not_json"} 2');
      expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_seconds '))).toBe(true);
      expect(lines.slice(-2)).toEqual(['# EOF', '']);
    }
  });

  it('keeps the metrics of two instances apart', () => {
    metricsWithOwn();
    expect(metricsWithOwn).not.toThrow();
  });
});

describe('describeMetrics', () => {
  it('lists our own by name, before a scrape and after', async () => {
    const { metrics } = metricsWithOwn();
    expect(describeMetrics(metrics.registry)).toEqual(expectedRows);
    await metrics.registry.metrics();
    expect(describeMetrics(metrics.registry)).toEqual(expectedRows);
  });
});

describe('renderMetricsMarkdown', () => {
  it('has a row for each', () => {
    const lines = renderMetricsMarkdown(metricsWithOwn().metrics.registry).split('\n');
    expect(lines).toContain(
      '| `plumbline_batch_duration_seconds` | histogram |  | From the first record to the commit \\| of a batch |',
    );
    expect(lines).toContain(
      '| `plumbline_build_info` | gauge | `version`, `node` | Always 1; the labels say what runs |',
    );
  });
});
