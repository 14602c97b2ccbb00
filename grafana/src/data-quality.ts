import { alerts, deployments } from './annotations.js';
import type { DashboardDeclaration } from './dashboards.js';
import { boundedLines, columnLink, dashboardLink, heatRows, lines, severityColumn, table } from './panels.js';
import { datasource, model, OF_MODEL, project } from './variables.js';

const QUALITY = `measurement FINAL WHERE gone = 0 AND ${OF_MODEL} AND segment = '' AND endsWith(method, '_rate') AND feature != '' AND $__timeFilter(window_end)`;

const heat = (title: string, description: string, method: string) =>
  heatRows(
    {
      title,
      description,
      unit: 'percentunit',
      query: `SELECT window_end AS time, feature, max(value) AS share FROM ${QUALITY} AND method = '${method}' AND NOT isNaN(value) AND feature IN (
          SELECT feature FROM ${QUALITY} AND method = '${method}' AND NOT isNaN(value) GROUP BY feature ORDER BY max(value) DESC LIMIT 20)
        GROUP BY time, feature ORDER BY time`,
    },
    { warning: 0.05, critical: 0.2 },
  );

/** What is wrong with the values themselves. */
export const dataQuality: DashboardDeclaration = {
  uid: 'plumbline-quality',
  title: 'Plumbline: data quality',
  description:
    'Missing values, values of the wrong type, unseen categories, values outside the range of the reference.',
  from: 'now-30d',
  variables: [datasource, project, model],
  links: [dashboardLink('Fleet', 'plumbline-fleet'), dashboardLink('Model', 'plumbline-model')],
  annotations: [alerts, deployments],
  rows: [
    {
      height: 9,
      panels: [
        [
          12,
          heat(
            'Missing values',
            'Share of missing values of the 20 features with the most; orange from 5 %, red from 20 %.',
            'missing_rate',
          ),
        ],
        [
          12,
          heat(
            'Values of the wrong type',
            'Share of values that are no number where one is declared, NaN or infinite.',
            'invalid_rate',
          ),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          12,
          heat('Unseen categories', 'Share of values of a category that the reference does not know.', 'unseen_rate'),
        ],
        [
          12,
          heat(
            'Outside the range',
            'Share of numbers below the least or above the greatest of the reference.',
            'out_of_range_rate',
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
            title: 'Worst window of each feature',
            description: 'Features whose values are at fault, the worst first.',
            unit: 'percentunit',
            query: `SELECT feature, method AS what, argMax(severity, value) AS severity, max(value) AS share,
                argMax(threshold_warning, value) AS bound, argMax(window_end, value) AS window, argMax(reason, value) AS reason
              FROM ${QUALITY} AND NOT isNaN(value) GROUP BY feature, method HAVING share > 0 ORDER BY share DESC LIMIT 100`,
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
      height: 8,
      panels: [
        [
          12,
          lines({
            title: 'Values at fault, of all features',
            description: 'Share of missing, invalid and other faulty values among all of a window.',
            unit: 'percentunit',
            query: `SELECT window_end AS time, method, sum(value * n_current) / sum(n_current) AS share FROM ${QUALITY} AND NOT isNaN(value)
              GROUP BY time, method HAVING sum(n_current) > 0 ORDER BY time`,
          }).min(0),
        ],
        [
          12,
          boundedLines({
            title: 'Features in alarm',
            description: 'Features of a window with a finding of warning or critical.',
            unit: 'short',
            query: `SELECT window_end AS time, uniqExactIf(feature, severity = 'warning') AS features_warning,
                uniqExactIf(feature, severity = 'critical') AS features_critical
              FROM ${QUALITY} GROUP BY time ORDER BY time`,
          }),
        ],
      ],
    },
  ],
};
