import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardDeclaration } from './dashboards.js';
import { dashboardLink, withBound } from './panels.js';
import { PROMETHEUS } from './sql-target.js';
import { datasource, prometheus } from './variables.js';

function panel(
  title: string,
  description: string,
  unit: string,
  ...expressions: [expression: string, legend: string][]
): TimeSeries {
  const built = new TimeSeries()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(PROMETHEUS)
    .lineWidth(1)
    .min(0);
  expressions.forEach(([expression, legend], i) =>
    built.withTarget(
      new DataqueryBuilder()
        .datasource(PROMETHEUS)
        .expr(expression)
        .legendFormat(legend)
        .refId(String.fromCharCode(65 + i)),
    ),
  );
  return built;
}

/** Plumbline itself: is everything taken in, stored, evaluated and told in time? */
export const serviceHealth: DashboardDeclaration = {
  uid: 'plumbline-service',
  title: 'Plumbline: service health',
  description: 'Plumbline itself: what arrives, what waits, what fails.',
  from: 'now-6h',
  variables: [datasource, prometheus],
  links: [dashboardLink('Fleet', 'plumbline-fleet')],
  annotations: [],
  rows: [
    {
      height: 8,
      panels: [
        [
          8,
          panel('Events received', 'Events per second that arrived in requests.', 'eps', [
            'sum by (kind) (rate(plumbline_events_received_total[5m]))',
            '{{kind}}',
          ]),
        ],
        [
          8,
          panel('Events stored', 'Events per second that are durable, without duplicates.', 'eps', [
            'sum by (kind) (rate(plumbline_events_ingested_total[5m]))',
            '{{kind}}',
          ]),
        ],
        [
          8,
          panel('Events refused', 'Events per second that were refused at intake, by reason.', 'eps', [
            'sum by (reason) (rate(plumbline_events_rejected_total[5m]))',
            '{{reason}}',
          ]),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          8,
          panel('Records that wait', 'Records that no handler has returned from.', 'short', [
            'sum by (topic) (plumbline_stream_lag_records)',
            '{{topic}}',
          ]),
        ],
        [
          8,
          withBound(
            panel(
              'Age of what waits',
              'How long the oldest record has been there; the alert rule fires from two minutes.',
              's',
              ['max by (topic) (plumbline_stream_oldest_record_age_seconds)', '{{topic}}'],
            ),
            { warning: 120, critical: 600 },
          ),
        ],
        [
          8,
          panel('Dead letters', 'Events per second that could not be stored and were set aside.', 'eps', [
            'sum by (reason) (rate(plumbline_dead_letters_total[5m]))',
            '{{reason}}',
          ]),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          8,
          panel('Since the last evaluation', 'Time since a tick last finished with everything done.', 's', [
            'time() - max(plumbline_evaluation_last_success_timestamp_seconds)',
            'age',
          ]),
        ],
        [
          8,
          panel('Evaluation', 'How long ticks take that have windows to evaluate.', 's', [
            'histogram_quantile(0.95, sum by (le) (rate(plumbline_evaluation_duration_seconds_bucket[15m])))',
            'p95',
          ]),
        ],
        [
          8,
          panel('Missed ticks', 'Ticks that could not do their work, by reason.', 'short', [
            'sum by (reason) (increase(plumbline_scheduler_misses_total[15m]))',
            '{{reason}}',
          ]),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          8,
          panel('Messages', 'Attempts to send a message, by channel and outcome.', 'short', [
            'sum by (channel, outcome) (increase(plumbline_notifications_total[15m]))',
            '{{channel}} {{outcome}}',
          ]),
        ],
        [
          8,
          panel(
            'Untold changes',
            'Changes of alerts that nobody was told of yet, and messages on their way.',
            'short',
            ['max(plumbline_outbox_pending)', 'pending'],
          ),
        ],
        [
          8,
          panel('Memory and CPU', 'Memory of each process, and the cores it uses.', 'bytes', [
            'process_resident_memory_bytes{job="plumbline"}',
            '{{instance}}',
          ]),
        ],
      ],
    },
  ],
};
