import { alerts, deployments, retrainings } from './annotations.js';
import type { DashboardDeclaration } from './dashboards.js';
import { bars, boundedLines, columnLink, dashboardLink, heatRows, lines, severityColumn, table } from './panels.js';
import { datasource, driftMethod, metric, model, OF_MODEL, project, segment } from './variables.js';

const OF_SEGMENT = `${OF_MODEL} AND segment = \${segment:singlequote}`;
const TRAFFIC = `traffic_cell WHERE ${OF_SEGMENT} AND $__timeFilter(minute)`;
const MEASUREMENTS = `measurement FINAL WHERE gone = 0 AND ${OF_SEGMENT} AND $__timeFilter(window_end)`;

/** A quantile of latencies from the sum of their bins: 16 bins an octave from 1/16 ms, the middle of the bin (see libs/monitoring latency-bins). */
const latency = (q: number): string =>
  `arrayFirstIndex(x -> x >= ${q} * arraySum(bins.2), arrayCumSum(bins.2)) AS p${q * 100}_at,
   if(p${q * 100}_at = 0 OR bins.1[p${q * 100}_at] = 0, 0, pow(2, -4 + (bins.1[p${q * 100}_at] - 0.5) / 16)) AS p${q * 100}`;

/** One model: traffic, answers, drift, quality, performance. */
export const modelDetail: DashboardDeclaration = {
  uid: 'plumbline-model',
  title: 'Plumbline: model',
  description: 'One model over time: traffic, answers, drift, missing values, performance as labels arrive, alerts.',
  from: 'now-30d',
  variables: [datasource, project, model, segment, driftMethod, metric],
  links: [
    dashboardLink('Fleet', 'plumbline-fleet'),
    dashboardLink('Features', 'plumbline-feature'),
    dashboardLink('Data quality', 'plumbline-quality'),
  ],
  annotations: [alerts, deployments, retrainings],
  rows: [
    {
      height: 8,
      panels: [
        [
          8,
          bars({
            title: 'Predictions',
            description: 'Predictions per interval, by version; samples count for what they stand for.',
            unit: 'short',
            query: `SELECT $__timeInterval(minute) AS time, version, sum(sum_weight) AS predictions FROM ${TRAFFIC} GROUP BY time, version ORDER BY time`,
          }),
        ],
        [
          8,
          lines({
            title: 'Latency',
            description: 'Quantiles of the latency that services report, within 4.4 %.',
            unit: 'ms',
            query: `SELECT time, p50, p95, p99 FROM (
              SELECT $__timeInterval(minute) AS time, sumMap(latency_bins) AS bins, ${[0.5, 0.95, 0.99].map(latency).join(', ')}
              FROM ${TRAFFIC} GROUP BY time HAVING sum(latency_n) > 0) ORDER BY time`,
          }),
        ],
        [
          8,
          lines({
            title: 'Failed calls',
            description: 'Share of predictions that services report as failed, by version.',
            unit: 'percentunit',
            query: `SELECT $__timeInterval(minute) AS time, version, sum(errors) / sum(n) AS error_rate FROM ${TRAFFIC}
              GROUP BY time, version ORDER BY time`,
          }).min(0),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          12,
          bars({
            title: 'Answers by class',
            description:
              'Share of each class among the predictions of an hour, by the classes of the reference; regression models have none.',
            unit: 'percentunit',
            query: `WITH classes AS (SELECT bin_set_id, any(categories) AS names FROM reference_series
                WHERE ${OF_MODEL} AND series = '$prediction' AND kind != 'numeric' GROUP BY bin_set_id),
              hours AS (SELECT $__timeInterval(hour) AS time, bin_set_id, sum(n) AS total, sumMap(bins) AS bins FROM feature_cell_hour FINAL
                WHERE ${OF_SEGMENT} AND series = '$prediction' AND $__timeFilter(hour) GROUP BY time, bin_set_id)
              SELECT time, class, sum(rows) / sum(total) AS share FROM (
                SELECT time, total, bin.1 AS i, bin.2 AS rows, if(i < length(names), names[i + 1], 'others') AS class
                FROM hours INNER JOIN classes USING bin_set_id ARRAY JOIN arrayZip(bins.1, bins.2) AS bin)
              GROUP BY time, class ORDER BY time`,
          }),
        ],
        [
          12,
          lines({
            title: 'Answers on average',
            description: 'Mean score of classifiers, mean predicted value of regression models, by version.',
            unit: 'short',
            query: `SELECT $__timeInterval(hour) AS time, concat(if(series = '$score', 'score', 'value'), ', version ', version) AS what,
                sum(sum) / sum(n) AS mean
              FROM feature_cell_hour FINAL WHERE ${OF_SEGMENT} AND series IN ('$score', '$prediction') AND $__timeFilter(hour)
              GROUP BY time, series, version HAVING sum(n) > 0 AND sum(sum_squares) > 0 ORDER BY time`,
          }),
        ],
      ],
    },
    {
      height: 12,
      panels: [
        [
          24,
          heatRows(
            {
              title: 'Drift of features over time',
              description:
                'Value of the chosen method per window, of the 30 features with the greatest effect; orange from .1, red from .25, the usual bounds of PSI.',
              unit: 'short',
              query: `SELECT window_end AS time, feature, max(value) AS drift FROM ${MEASUREMENTS} AND method = \${method:singlequote}
                  AND NOT isNaN(value) AND feature IN (
                  SELECT feature FROM ${MEASUREMENTS} AND method = \${method:singlequote} AND feature != '' AND NOT isNaN(effect)
                  GROUP BY feature ORDER BY max(effect) DESC LIMIT 30)
                GROUP BY time, feature ORDER BY time`,
            },
            { warning: 0.1, critical: 0.25 },
          ),
        ],
      ],
    },
    {
      height: 10,
      panels: [
        [
          24,
          table({
            title: 'Features that drifted most',
            description: 'The last window of each feature that had data, by effect. Follow the name to the feature.',
            unit: 'short',
            query: `SELECT feature, version, argMax(severity, window_end) AS severity, argMax(value, window_end) AS drift,
                argMax(effect, window_end) AS beyond_chance, argMax(threshold_warning, window_end) AS bound,
                argMax(adjusted_p_value, window_end) AS adjusted_p, argMax(n_current, window_end) AS rows, max(window_end) AS window,
                argMax(reason, window_end) AS reason
              FROM ${MEASUREMENTS} AND method = \${method:singlequote} AND feature != '' AND NOT isNaN(value)
              GROUP BY feature, version ORDER BY if(isNaN(beyond_chance), -1, beyond_chance) DESC LIMIT 50`,
          })
            .overrideByName(
              'feature',
              columnLink(
                'Show the feature',
                '/d/plumbline-feature?var-project=${project}&var-model=${model}&var-feature=${__data.fields.feature}&${__url_time_range}',
              ),
            )
            .overrideByName('severity', severityColumn)
            .overrideByName('window', [{ id: 'unit', value: 'dateTimeAsIso' }]),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          12,
          boundedLines({
            title: 'Performance',
            description: 'The chosen metric per window with its confidence interval, as far as labels have come.',
            unit: 'short',
            query: `SELECT window_end AS time, avg(value) AS metric, min(lower) AS lower, max(upper) AS upper
              FROM ${MEASUREMENTS} AND method = \${metric:singlequote} AND feature = '' AND NOT isNaN(value) GROUP BY time ORDER BY time`,
          }),
        ],
        [
          12,
          boundedLines({
            title: 'Worsening against the reference',
            description:
              'How much worse the chosen metric is than on the reference, relative to it, with the bounds in force.',
            unit: 'percentunit',
            query: `SELECT window_end AS time, max(effect) AS worsening, min(threshold_warning) AS warning, min(threshold_critical) AS critical
              FROM ${MEASUREMENTS} AND method = \${metric:singlequote} AND feature = '' AND NOT isNaN(effect) GROUP BY time ORDER BY time`,
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          12,
          lines({
            title: 'Label coverage',
            description: 'Share of the predictions of a window that have a label by now; it rises as labels arrive.',
            unit: 'percentunit',
            query: `SELECT window_end AS time, max(label_coverage) AS coverage FROM ${MEASUREMENTS} AND NOT isNaN(label_coverage) GROUP BY time ORDER BY time`,
          })
            .min(0)
            .max(1),
        ],
        [
          12,
          lines({
            title: 'Missing and invalid values',
            description: 'Share of missing values of the ten features with the most.',
            unit: 'percentunit',
            query: `SELECT window_end AS time, feature, max(value) AS missing FROM ${MEASUREMENTS} AND method = 'missing_rate' AND feature IN (
                SELECT feature FROM ${MEASUREMENTS} AND method = 'missing_rate' GROUP BY feature ORDER BY max(value) DESC LIMIT 10)
              GROUP BY time, feature ORDER BY time`,
          }).min(0),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          24,
          table({
            title: 'What happened to alerts',
            description: 'Changes of alerts in the time shown, the newest first.',
            unit: 'short',
            query: `SELECT window_end AS window, monitor, feature, method, from_status, to_status, severity, reason FROM transition FINAL
              WHERE ${OF_SEGMENT} AND $__timeFilter(window_end) AND notifiable = 1 ORDER BY window_end DESC LIMIT 200`,
          })
            .overrideByName('severity', severityColumn)
            .overrideByName('window', [{ id: 'unit', value: 'dateTimeAsIso' }]),
        ],
      ],
    },
  ],
};
