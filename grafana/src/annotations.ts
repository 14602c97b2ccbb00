import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLICKHOUSE, sql } from './sql-target.js';
import { OF_MODEL } from './variables.js';

function annotation(name: string, color: string, query: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(CLICKHOUSE)
    .enable(true)
    .iconColor(color)
    .target(sql(query, 'table'));
}

export const alerts = annotation(
  'Alerts',
  'red',
  `SELECT window_end AS time, concat(monitor, ': ', to_status, if(feature = '', '', concat(' ', feature)), ' ', reason) AS text,
     [severity, to_status] AS tags
   FROM transition FINAL WHERE ${OF_MODEL} AND $__timeFilter(window_end) AND notifiable = 1 ORDER BY time LIMIT 500`,
);

export const deployments = annotation(
  'Deployments',
  'blue',
  `SELECT min(minute) AS time, concat('first prediction of version ', version) AS text, [version] AS tags
   FROM traffic_cell WHERE ${OF_MODEL} AND segment = '' AND $__timeFilter(minute) GROUP BY version`,
);

export const retrainings = annotation(
  'Retraining',
  'purple',
  `SELECT at AS time, concat('retraining ', to_status, if(new_version = '', '', concat(': version ', new_version))) AS text, [to_status] AS tags
   FROM retraining_event FINAL WHERE ${OF_MODEL} AND $__timeFilter(at) ORDER BY time LIMIT 500`,
);
