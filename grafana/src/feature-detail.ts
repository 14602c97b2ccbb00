import { alerts, deployments } from './annotations.js';
import type { DashboardDeclaration } from './dashboards.js';
import { boundedLines, columns, dashboardLink, lines, table } from './panels.js';
import { datasource, driftMethod, feature, model, OF_MODEL, project } from './variables.js';

const OF_FEATURE = `${OF_MODEL} AND segment = '' AND series = \${feature:singlequote}`;
const MEASUREMENTS = `measurement FINAL WHERE gone = 0 AND ${OF_MODEL} AND segment = '' AND feature = \${feature:singlequote} AND $__timeFilter(window_end)`;
const REFERENCE = `reference_series WHERE ${OF_MODEL} AND series = \${feature:singlequote}`;

/** One feature: its distribution now and in the reference, its drift, mean and missing values over time. */
export const featureDetail: DashboardDeclaration = {
  uid: 'plumbline-feature',
  title: 'Plumbline: feature',
  description: 'One feature: the reference beside the time shown, and its drift over time.',
  from: 'now-30d',
  variables: [datasource, project, model, feature, driftMethod],
  links: [dashboardLink('Model', 'plumbline-model'), dashboardLink('Fleet', 'plumbline-fleet')],
  annotations: [alerts, deployments],
  rows: [
    {
      height: 11,
      panels: [
        [
          24,
          columns({
            title: 'Distribution: reference and time shown',
            description:
              'Share of rows by decile of the reference, or by category. The reference is the newest one whose bins the rows of this time are counted in.',
            unit: 'percentunit',
            query: `WITH bins_of AS (SELECT bin_set_id, any(kind) AS kind, any(edges) AS edges, any(decile_edge_indexes) AS deciles,
                  any(categories) AS names, any(counts) AS counts FROM ${REFERENCE} GROUP BY bin_set_id),
              cells AS (SELECT bin_set_id, max(hour) AS last, sumMap(bins) AS bins FROM feature_cell_hour FINAL
                WHERE ${OF_FEATURE} AND $__timeFilter(hour) GROUP BY bin_set_id ORDER BY last DESC LIMIT 1),
              both AS (SELECT kind, edges, deciles, names, counts, arrayMap(i -> if(indexOf(bins.1, i) = 0, 0, bins.2[indexOf(bins.1, i)]),
                  range(length(counts))) AS now FROM cells INNER JOIN bins_of USING bin_set_id),
              named AS (SELECT i,
                  if(kind = 'numeric', arrayCount(d -> d < i, deciles), i) AS place,
                  if(kind = 'numeric', if(place = 0, concat('< ', toString(edges[deciles[1] + 1])),
                      concat('≥ ', toString(edges[deciles[place] + 1]))),
                    multiIf(i < length(names), names[i + 1], i = length(names), 'others', 'unseen')) AS name,
                  counts[i + 1] AS reference_rows, now[i + 1] AS now_rows
                FROM both ARRAY JOIN range(length(counts)) AS i)
              SELECT any(name) AS bin, sum(reference_rows) / (SELECT arraySum(counts) FROM both) AS reference,
                sum(now_rows) / (SELECT greatest(1, arraySum(now)) FROM both) AS now
              FROM named GROUP BY place ORDER BY place LIMIT 60`,
          }),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          12,
          boundedLines({
            title: 'Drift',
            description: 'Value of the chosen method per window, and what is beyond chance, with the bounds in force.',
            unit: 'short',
            query: `SELECT window_end AS time, max(value) AS drift, max(effect) AS beyond_chance, min(threshold_warning) AS warning,
                min(threshold_critical) AS critical
              FROM ${MEASUREMENTS} AND method = \${method:singlequote} AND NOT isNaN(value) GROUP BY time ORDER BY time`,
          }),
        ],
        [
          12,
          lines({
            title: 'Mean',
            description: 'Mean of a numeric feature per interval, by version.',
            unit: 'short',
            query: `SELECT $__timeInterval(hour) AS time, version, sum(sum) / sum(n) AS mean FROM feature_cell_hour FINAL
              WHERE ${OF_FEATURE} AND $__timeFilter(hour) GROUP BY time, version HAVING sum(n) > 0 AND isFinite(min(min)) ORDER BY time`,
          }),
        ],
      ],
    },
    {
      height: 8,
      panels: [
        [
          12,
          boundedLines({
            title: 'Missing, invalid, unseen, out of range',
            description: 'Shares of values at fault per window.',
            unit: 'percentunit',
            query: `SELECT window_end AS time, method, max(value) AS share FROM ${MEASUREMENTS} AND endsWith(method, '_rate') AND NOT isNaN(value)
              GROUP BY time, method ORDER BY time`,
          }).min(0),
        ],
        [
          12,
          lines({
            title: 'Significance',
            description:
              'Adjusted p-value of the chosen method: how likely such a difference is by chance, over all features of the window.',
            unit: 'short',
            query: `SELECT window_end AS time, min(adjusted_p_value) AS adjusted_p FROM ${MEASUREMENTS} AND method = \${method:singlequote}
                AND NOT isNaN(adjusted_p_value) GROUP BY time ORDER BY time`,
          })
            .min(0)
            .max(1),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          24,
          table({
            title: 'What was measured',
            description:
              'All measurements of the feature in the time shown, the newest first, each with the sentence that explains it.',
            unit: 'short',
            query: `SELECT window_end AS window, monitor, method, version, value, effect, adjusted_p_value, n_current, n_reference, severity, reason
              FROM ${MEASUREMENTS} ORDER BY window_end DESC, monitor, method LIMIT 200`,
          }).overrideByName('window', [{ id: 'unit', value: 'dateTimeAsIso' }]),
        ],
      ],
    },
  ],
};
