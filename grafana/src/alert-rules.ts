import { dashboards } from './dashboards.js';

/** Identities of the provisioned data sources: a rule is about one, and has no variables. */
const CLICKHOUSE_UID = 'plumbline-clickhouse';
const PROMETHEUS_UID = 'plumbline-prometheus';

/** What an alert rule of Grafana says, whatever it asks. */
interface RuleDeclaration {
  /** Also the section of the runbook. */
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  /** How long it must hold, as `5m`. */
  readonly for: string;
  readonly summary: string;
  /**
   * With templates of Grafana, as `.Labels.model` and `.Values.A.Value`. Never with a dollar, as in `$labels`: Grafana fills in
   * variables of its environment there, by rules that have changed from release to release.
   */
  readonly description: string;
  /** The panel that shows more: uid of the dashboard, title. */
  readonly panel: readonly [uid: string, title: string];
}

/** A rule over the tables: texts of a row are the labels of an alert, its number is compared with `above`. */
interface TableRule extends RuleDeclaration {
  readonly rawSql: string;
  readonly above: number;
}

/** What is wrong with models. Plumbline tells receivers of alerts by itself; these are for who watches from Grafana, and for its own silence. */
const TABLE_RULES: readonly TableRule[] = [
  {
    name: 'PlumblineModelCritical',
    severity: 'critical',
    for: '0s',
    summary: 'A model has critical alerts',
    description: '{{ .Labels.model }} of the project {{ .Labels.project }} has {{ .Values.A.Value }} critical alerts.',
    panel: ['plumbline-fleet', 'Alerts now'],
    rawSql: `SELECT project, model, toFloat64(count()) AS alerts FROM (
        SELECT project, model, alert_id, argMax(severity, (decided_at, window_end)) AS last_severity,
          argMax(to_status, (decided_at, window_end)) AS last_status
        FROM transition FINAL WHERE notifiable = 1 GROUP BY project, model, alert_id
        HAVING last_status = 'firing' AND last_severity = 'critical')
      GROUP BY project, model`,
    above: 0,
  },
  {
    name: 'PlumblineModelSilent',
    severity: 'warning',
    for: '15m',
    summary: 'A model has stopped making predictions',
    description:
      '{{ .Labels.model }} of the project {{ .Labels.project }} made no prediction for an hour; in the same hour of yesterday it made {{ .Values.A.Value }}.',
    panel: ['plumbline-model', 'Predictions'],
    rawSql: `SELECT project, model, sumIf(sum_weight, minute < now() - 86400) AS yesterday FROM traffic_cell
      WHERE segment = '' AND minute >= now() - 90000 AND (minute < now() - 86400 OR minute >= now() - 3600)
      GROUP BY project, model HAVING sumIf(n, minute >= now() - 3600) = 0`,
    above: 100,
  },
  {
    name: 'PlumblineWindowsUnjudged',
    severity: 'critical',
    for: '15m',
    summary: 'No window was judged for more than a day',
    description:
      'The last window was evaluated {{ .Values.A.Value | humanizeDuration }} ago, although predictions came in. Where all windows are longer than a day, raise the bound.',
    panel: ['plumbline-service', 'Since the last evaluation'],
    // Predictions of an hour a good day ago: their window of a day is over, and was due since.
    rawSql: `SELECT toFloat64(dateDiff('second', max(evaluated_at), now64(3))) AS age FROM evaluation
      HAVING max(evaluated_at) > toDateTime64(0, 3) AND (
        SELECT count() FROM traffic_cell WHERE segment = '' AND minute >= now() - 93600 AND minute < now() - 90000) > 0`,
    above: 93_600,
  },
  {
    name: 'PlumblineRetrainingWaits',
    severity: 'warning',
    for: '0s',
    summary: 'A retraining waits for approval',
    description:
      'A retraining run of {{ .Labels.model }}, project {{ .Labels.project }}, has waited for {{ .Values.A.Value | humanizeDuration }} for somebody to say yes or no.',
    panel: ['plumbline-model', 'What happened to alerts'],
    rawSql: `SELECT project, model, toFloat64(dateDiff('second', min(since), now64(3))) AS waited FROM (
        SELECT project, model, run_id, argMax(to_status, rank) AS status, argMax(at, rank) AS since
        FROM retraining_event FINAL GROUP BY project, model, run_id HAVING status = 'awaiting_approval')
      GROUP BY project, model`,
    above: 86_400,
  },
  {
    name: 'PlumblineRetrainingFailed',
    severity: 'warning',
    for: '0s',
    summary: 'A retraining has failed',
    description:
      '{{ .Values.A.Value }} retraining runs of {{ .Labels.model }}, project {{ .Labels.project }}, failed within a day.',
    panel: ['plumbline-model', 'What happened to alerts'],
    rawSql: `SELECT project, model, toFloat64(count()) AS runs FROM (
        SELECT project, model, run_id, argMax(to_status, rank) AS status, argMax(at, rank) AS since
        FROM retraining_event FINAL GROUP BY project, model, run_id HAVING status = 'failed' AND since >= now() - 86400)
      GROUP BY project, model`,
    above: 0,
  },
];

/** Panels that show what a rule of Prometheus is about; all are of the dashboard of service health. */
const PANELS_OF_ALERTS: Readonly<Record<string, string>> = {
  PlumblineDown: 'Memory and CPU',
  PlumblineEvaluationLate: 'Since the last evaluation',
  PlumblineTicksMissed: 'Missed ticks',
  PlumblineStreamLate: 'Age of what waits',
  PlumblineLagGrows: 'Records that wait',
  PlumblineDeadLetters: 'Dead letters',
  PlumblineEventsRejected: 'Events refused',
  PlumblineReceiverFails: 'Messages',
  PlumblineAlertsUntold: 'Untold changes',
};

/** The file of rules that Prometheus itself reads. */
export interface PrometheusRules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly record?: string;
      readonly alert?: string;
      readonly expr: string;
      readonly for?: string;
      readonly labels?: { readonly severity: 'warning' | 'critical' };
      readonly annotations?: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

/** A rule as Grafana reads it from a file. */
export interface ProvisionedRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: 'C';
  readonly data: readonly {
    readonly refId: string;
    readonly relativeTimeRange: { readonly from: number; readonly to: number };
    readonly datasourceUid: string;
    readonly model: Readonly<Record<string, unknown>>;
  }[];
  /** Nothing found is good news; a question that cannot be asked is an alert of its own. */
  readonly noDataState: 'OK';
  readonly execErrState: 'Error';
  readonly for: string;
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ProvisionedGroup {
  readonly orgId: 1;
  readonly name: string;
  readonly folder: 'Plumbline';
  readonly interval: string;
  readonly rules: readonly ProvisionedRule[];
}

/**
 * The groups of alert rules that Grafana is provisioned with: those over the tables, and those of the given rules of Prometheus, whose
 * recorded values are written out, so that they work where Prometheus has not loaded the rules.
 * @throws Error when a rule of Prometheus has no panel, or one that is not there
 */
export function alertRules(prometheus: PrometheusRules): ProvisionedGroup[] {
  const all = prometheus.groups.flatMap(({ rules }) => rules);
  const recorded = all.flatMap(({ record, expr }) => (record === undefined ? [] : [{ record, expr }]));
  const written = (expression: string): string =>
    recorded.reduce((text, { record, expr }) => text.replaceAll(record, `(${expr.trim()})`), expression.trim());
  const service = all.flatMap(({ alert, expr, labels, annotations, for: held = '0s' }) => {
    if (alert === undefined || labels === undefined || annotations === undefined) return [];
    const declaration: RuleDeclaration = {
      name: alert,
      severity: labels.severity,
      for: held,
      summary: annotations.summary,
      // What Prometheus calls the value is the value of the query here.
      description: annotations.description.replaceAll(/\$value\b/g, '.Values.A.Value').replaceAll('$labels', '.Labels'),
      panel: ['plumbline-service', PANELS_OF_ALERTS[alert] ?? ''],
    };
    // The expression compares by itself: whatever it returns is an alert, a zero too.
    return [rule(declaration, PROMETHEUS_UID, { expr: written(expr), instant: true, range: false }, -1)];
  });
  const group = (name: string, interval: string, rules: readonly ProvisionedRule[]): ProvisionedGroup => ({
    orgId: 1,
    name,
    folder: 'Plumbline',
    interval,
    rules,
  });
  return [
    group(
      'plumbline-models',
      '5m',
      TABLE_RULES.map(({ rawSql, above, ...declaration }) =>
        rule(declaration, CLICKHOUSE_UID, tableQuery(rawSql), above),
      ),
    ),
    group('plumbline-service', '1m', service),
  ];
}

function tableQuery(rawSql: string): Readonly<Record<string, unknown>> {
  return { editorType: 'sql', queryType: 'table', format: 1, rawSql: rawSql.trim().replace(/\n\s+/g, '\n') };
}

function rule(
  { name, severity, for: held, summary, description, panel: [uid, title] }: RuleDeclaration,
  datasourceUid: string,
  query: Readonly<Record<string, unknown>>,
  above: number,
): ProvisionedRule {
  const id = dashboards()
    .get(`${uid}.json`)
    ?.panels?.find((panel) => 'id' in panel && panel.title === title)?.id;
  if (id === undefined) throw new Error(`${name}: the dashboard ${uid} has no panel ${JSON.stringify(title)}`);
  const relativeTimeRange = { from: 600, to: 0 };
  return {
    uid: name.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase(),
    title: name,
    condition: 'C',
    data: [
      { refId: 'A', relativeTimeRange, datasourceUid, model: { refId: 'A', ...query } },
      {
        refId: 'C',
        relativeTimeRange,
        datasourceUid: '__expr__',
        model: {
          refId: 'C',
          type: 'threshold',
          expression: 'A',
          conditions: [{ evaluator: { type: 'gt', params: [above] } }],
        },
      },
    ],
    noDataState: 'OK',
    execErrState: 'Error',
    for: held,
    dashboardUid: uid,
    panelId: id,
    labels: { severity, service: 'plumbline' },
    annotations: {
      summary,
      description,
      // Its sections are called as the alerts. Where the document lies is said by the environment of Grafana.
      runbook_url: `\${PLUMBLINE_RUNBOOK_URL}#${name.toLowerCase()}`,
      __dashboardUid__: uid,
      __panelId__: String(id),
    },
  };
}
