import type { DashboardDeclaration } from './dashboards.js';
import { bars, columnLink, dashboardLink, figure, lines, severityColumn, table } from './panels.js';
import { datasource, project } from './variables.js';

const OF_PROJECT = 'project = ${project:singlequote}';

/** What fires now: the last change of each alert. */
const FIRING = `SELECT model, alert_id, argMax(severity, (decided_at, window_end)) AS last_severity,
    argMax(to_status, (decided_at, window_end)) AS last_status, argMax(monitor, decided_at) AS of_monitor,
    argMax(feature, decided_at) AS of_feature, min(window_end) AS since, argMax(reason, decided_at) AS why
  FROM transition FINAL WHERE ${OF_PROJECT} AND notifiable = 1 GROUP BY model, alert_id HAVING last_status = 'firing'`;

/** All models of a project, the worst first. */
export const fleet: DashboardDeclaration = {
  uid: 'plumbline-fleet',
  title: 'Plumbline: fleet',
  description: 'All models of a project, worst first.',
  from: 'now-24h',
  variables: [datasource, project],
  links: [dashboardLink('Data quality', 'plumbline-quality'), dashboardLink('Service health', 'plumbline-service')],
  annotations: [],
  rows: [
    {
      height: 4,
      panels: [
        [
          6,
          figure({
            title: 'Models',
            description: 'Models that are declared or have sent a prediction.',
            unit: 'short',
            query: `SELECT uniqExact(model) AS models FROM model WHERE ${OF_PROJECT}`,
          }),
        ],
        [
          6,
          figure(
            {
              title: 'Critical alerts now',
              description: 'Alerts that fire at this moment and are critical.',
              unit: 'short',
              query: `SELECT countIf(last_severity = 'critical') AS alerts FROM (${FIRING})`,
            },
            { warning: 1, critical: 1 },
          ),
        ],
        [
          6,
          figure(
            {
              title: 'Warnings now',
              description: 'Alerts that fire at this moment and are warnings.',
              unit: 'short',
              query: `SELECT countIf(last_severity = 'warning') AS alerts FROM (${FIRING})`,
            },
            { warning: 1, critical: 100 },
          ),
        ],
        [
          6,
          figure({
            title: 'Predictions',
            description: 'Predictions in the time shown, of all models; samples count for what they stand for.',
            unit: 'short',
            query: `SELECT sum(sum_weight) AS predictions FROM traffic_cell WHERE ${OF_PROJECT} AND segment = '' AND $__timeFilter(minute)`,
          }),
        ],
      ],
    },
    {
      height: 11,
      panels: [
        [
          24,
          table({
            title: 'Models, worst first',
            description: 'A model’s worst alert now, and its traffic in the time shown. Follow the name to the model.',
            unit: 'short',
            query: `WITH firing AS (${FIRING}),
              worst AS (SELECT model, count() AS alerts, countIf(last_severity = 'critical') AS critical FROM firing GROUP BY model),
              traffic AS (SELECT model, sum(sum_weight) AS predictions, sum(errors) / sum(n) AS error_rate, max(minute) AS last_prediction,
                  uniqExact(version) AS versions
                FROM traffic_cell WHERE ${OF_PROJECT} AND segment = '' AND $__timeFilter(minute) GROUP BY model)
              SELECT m.model AS model, multiIf(worst.critical > 0, 'critical', worst.alerts > 0, 'warning', 'ok') AS severity,
                worst.alerts AS alerts, traffic.predictions AS predictions, traffic.versions AS versions,
                if(traffic.predictions = 0, NULL, traffic.error_rate) AS error_rate,
                if(traffic.predictions = 0, NULL, traffic.last_prediction) AS last_prediction
              FROM (SELECT DISTINCT model FROM model WHERE ${OF_PROJECT}) AS m
              LEFT JOIN worst ON worst.model = m.model LEFT JOIN traffic ON traffic.model = m.model
              ORDER BY worst.critical DESC, worst.alerts DESC, predictions DESC, model LIMIT 1000`,
          })
            .overrideByName(
              'model',
              columnLink(
                'Show the model',
                '/d/plumbline-model?var-project=${project}&var-model=${__data.fields.model}&${__url_time_range}',
              ),
            )
            .overrideByName('severity', severityColumn)
            .overrideByName('error_rate', [{ id: 'unit', value: 'percentunit' }])
            .overrideByName('last_prediction', [{ id: 'unit', value: 'dateTimeFromNow' }]),
        ],
      ],
    },
    {
      height: 9,
      panels: [
        [
          12,
          bars({
            title: 'Predictions of the busiest models',
            description: 'Predictions per interval of the ten models with the most in the time shown.',
            unit: 'short',
            query: `SELECT $__timeInterval(minute) AS time, model, sum(sum_weight) AS predictions FROM traffic_cell
              WHERE ${OF_PROJECT} AND segment = '' AND $__timeFilter(minute) AND model IN (
                SELECT model FROM traffic_cell WHERE ${OF_PROJECT} AND segment = '' AND $__timeFilter(minute)
                GROUP BY model ORDER BY sum(sum_weight) DESC LIMIT 10)
              GROUP BY time, model ORDER BY time`,
          }),
        ],
        [
          12,
          lines({
            title: 'Alerts that fired and ended',
            description: 'Changes per day that somebody was told of.',
            unit: 'short',
            query: `SELECT toStartOfDay(window_end) AS time, to_status, count() AS changes FROM transition FINAL
              WHERE ${OF_PROJECT} AND notifiable = 1 AND $__timeFilter(window_end) GROUP BY time, to_status ORDER BY time`,
          }),
        ],
      ],
    },
    {
      height: 10,
      panels: [
        [
          24,
          table({
            title: 'Alerts now',
            description: 'What fires at this moment, the critical ones and the oldest first.',
            unit: 'short',
            query: `SELECT model, last_severity AS severity, of_monitor AS monitor, of_feature AS feature, since, why AS reason
              FROM (${FIRING}) ORDER BY severity, since LIMIT 200`,
          })
            .overrideByName('severity', severityColumn)
            .overrideByName(
              'model',
              columnLink(
                'Show the model',
                '/d/plumbline-model?var-project=${project}&var-model=${__data.fields.model}&${__url_time_range}',
              ),
            )
            .overrideByName('since', [{ id: 'unit', value: 'dateTimeAsIso' }]),
        ],
      ],
    },
  ],
};
