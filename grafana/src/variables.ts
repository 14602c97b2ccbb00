import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { CLICKHOUSE } from './sql-target.js';

/** The data source, so that no dashboard names one. */
export const datasource = new DatasourceVariableBuilder('datasource').label('Data source').type(CLICKHOUSE.type);
export const prometheus = new DatasourceVariableBuilder('prometheus').label('Prometheus').type('prometheus');

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(CLICKHOUSE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

export const project = choice('project', 'Project', 'SELECT DISTINCT project FROM model');
export const model = choice(
  'model',
  'Model',
  'SELECT DISTINCT model FROM model WHERE project = ${project:singlequote}',
);

/** Where the rows of measurements of the chosen model are, over the time of the dashboard. */
export const OF_MODEL = `project = \${project:singlequote} AND model = \${model:singlequote}`;

export const segment = choice(
  'segment',
  'Segment',
  `SELECT DISTINCT segment AS __value, if(segment = '', 'all events', segment) AS __text FROM traffic_cell
   WHERE ${OF_MODEL} AND $__timeFilter(minute)`,
);

export const driftMethod = choice(
  'method',
  'Drift by',
  `SELECT DISTINCT method FROM measurement WHERE ${OF_MODEL} AND $__timeFilter(window_end) AND feature != ''
     AND method NOT IN ('missing_rate', 'invalid_rate', 'unseen_rate', 'out_of_range_rate')`,
);

export const metric = choice(
  'metric',
  'Performance by',
  `SELECT DISTINCT method FROM measurement WHERE ${OF_MODEL} AND $__timeFilter(window_end) AND NOT isNaN(label_coverage)`,
);

export const feature = choice(
  'feature',
  'Feature',
  `SELECT DISTINCT feature FROM measurement WHERE ${OF_MODEL} AND $__timeFilter(window_end) AND feature != ''`,
);

export const version = choice(
  'version',
  'Version',
  `SELECT DISTINCT version FROM traffic_cell WHERE ${OF_MODEL} AND segment = '' AND $__timeFilter(minute)`,
);
