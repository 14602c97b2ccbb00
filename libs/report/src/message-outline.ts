import type { AlertFinding, AlertReport, AlertView, Notification, RecentChange } from '@plumbline/contracts';
import { alertName, evidence, findingName } from './finding-line.js';
import { formatDuration, formatInstant, formatWindow } from './format-instant.js';
import { formatNumber, formatPercent } from './format-number.js';
import { messageHeadline, statusWord } from './message-title.js';
import { plain, plainSentence } from './plain.js';
import { retrospectOf } from './retrospect-of.js';

/** How a message, or a line of it, is to be taken: what gives it its colour. */
export type MessageTone = 'critical' | 'warning' | 'resolved' | 'neutral';

/** One thing that was found, or one alert, ready to be set. */
export interface OutlineItem {
  readonly name: string;
  readonly tone: MessageTone;
  /** "critical", "warning, acknowledged by Ada: on it", "resolved". */
  readonly state: string;
  /** The state in one or two words, and who has acknowledged; "" when nobody has. */
  readonly word: string;
  readonly acknowledged: string;
  /** The change in words, after the late data that let it be seen; "" where there is none to tell. */
  readonly change: string;
  /** The numbers behind it. */
  readonly evidence: readonly string[];
  readonly reason: string;
  readonly monitor: string;
  readonly distribution: AlertFinding['distribution'];
}

/** A message in the order in which a person reads it, whatever it is set in. Everything in it is safe as plain text on one line. */
export interface MessageOutline {
  readonly tone: MessageTone;
  /** One word: "Critical", "Warning", "Resolved", "Test". */
  readonly status: string;
  readonly headline: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly items: readonly OutlineItem[];
  readonly moreItems: number;
  readonly recentChanges: readonly string[];
  readonly remarks: readonly string[];
  readonly links: readonly { readonly text: string; readonly url: string }[];
  readonly footer: string;
}

/** Alerts beside those of the report that are set one by one. */
const MAX_OTHER_ALERTS = 20;
const MAX_REASON = 400;
/** Of a list of recent changes or remarks. */
const MAX_LINES = 8;

const CAUSES: Readonly<Record<Notification['cause'], string>> = {
  fired: 'it fired',
  changed: 'the alerts changed',
  escalated: 'it became critical',
  acknowledged: 'it was acknowledged',
  repeated: 'it still fires',
  resolved: 'it is over',
  test: 'somebody asked for a test',
};

/** Returns the outline of a message: the findings of its report with the state of their alerts, then alerts that no finding tells of. */
export function messageOutline(notification: Notification): MessageOutline {
  const { report, alerts } = notification;
  const byId = new Map(alerts.map((alert) => [alert.alertId, alert]));
  const findings = report?.findings ?? [];
  const told = new Set(findings.map(({ alertId }) => alertId));
  const others = alerts.filter(({ alertId }) => !told.has(alertId));
  const items = [
    ...findings.map((finding) => findingItem(finding, byId.get(finding.alertId))),
    ...others.slice(0, MAX_OTHER_ALERTS).map(alertItem),
  ];
  return {
    tone: toneOf(notification),
    status: statusWord(notification),
    headline: messageHeadline(notification),
    facts: facts(notification),
    items,
    moreItems: Math.max(0, others.length - MAX_OTHER_ALERTS) + notification.moreAlerts + (report?.moreFindings ?? 0),
    recentChanges: recentChangeLines(report?.recentChanges ?? []),
    remarks: firstLines(
      notification.remarks.map((remark) => plainSentence(remark, MAX_REASON)).filter((line) => line !== ''),
    ),
    links: links(notification),
    footer: `Sent by Plumbline to receiver ${plain(notification.receiver)} of project ${plain(notification.project)}, because ${CAUSES[notification.cause]}. Incident ${plain(notification.incidentId)}.`,
  };
}

/** Returns what is known of the window of a report, as names and values. */
export function reportFacts(report: AlertReport): (readonly [string, string])[] {
  const { predictions, labelCoverage } = report;
  const labelled = Number.isNaN(labelCoverage) ? '' : `, ${formatPercent(labelCoverage)} of them labelled`;
  return [
    ['Model', plain(report.model)],
    ['Version', plain(report.version)],
    ['Window', formatWindow(report.windowStartMs, report.windowEndMs)],
    ['Predictions', `${formatNumber(predictions)}${labelled}`],
  ];
}

/** Returns a finding ready to be set; `alert` is its alert, where there is one. */
export function findingItem(finding: AlertFinding, alert?: AlertView): OutlineItem {
  const retrospect = plainSentence(retrospectOf(alert?.reason ?? ''), MAX_REASON);
  const change = plainSentence(finding.change || (retrospect === '' ? '' : finding.reason), MAX_REASON);
  return {
    name: findingName(finding),
    ...stateOf(finding.severity, alert),
    change: [retrospect, change].filter((part) => part !== '').join(' '),
    evidence: evidence(finding),
    reason: plainSentence(finding.reason, MAX_REASON),
    monitor: plain(finding.monitor),
    distribution: finding.distribution,
  };
}

/** Returns what changed recently, a line each. */
export function recentChangeLines(changes: readonly RecentChange[]): string[] {
  return firstLines(changes.map(({ atMs, text }) => `${formatInstant(atMs)}: ${plainSentence(text, MAX_REASON)}`));
}

/** As many lines as somebody reads; the last says how many there are beside. */
function firstLines(lines: readonly string[]): string[] {
  if (lines.length <= MAX_LINES) return [...lines];
  return [...lines.slice(0, MAX_LINES - 1), `and ${lines.length - MAX_LINES + 1} more`];
}

function alertItem(alert: AlertView): OutlineItem {
  const { labels, value, threshold, pValue, nCurrent } = alert;
  return {
    name: `${plain(labels.model)} ${plain(labels.version)}: ${alertName(alert)}`,
    ...stateOf(alert.severity, alert),
    change: '',
    evidence: evidence({ method: labels.method, value, threshold, pValue, nCurrent }),
    reason: plainSentence(alert.reason, MAX_REASON),
    monitor: plain(labels.monitor),
    distribution: undefined,
  };
}

function stateOf(
  severity: AlertFinding['severity'],
  alert?: AlertView,
): Pick<OutlineItem, 'tone' | 'state' | 'word' | 'acknowledged'> {
  if (alert?.status === 'resolved') {
    return { tone: 'resolved', state: 'resolved', word: 'resolved', acknowledged: '' };
  }
  const tone = severity === 'critical' || severity === 'warning' ? severity : 'neutral';
  const { by, note } = alert?.acknowledged ?? {};
  const word = severity.replaceAll('_', ' ');
  const acknowledged = by === undefined ? '' : `acknowledged by ${plain(by)}${note ? `: ${plain(note)}` : ''}`;
  return { tone, state: acknowledged === '' ? word : `${word}, ${acknowledged}`, word, acknowledged };
}

function toneOf({ status, severity, cause }: Notification): MessageTone {
  if (cause === 'test') return 'neutral';
  if (status === 'resolved') return 'resolved';
  return severity === 'critical' || severity === 'warning' ? severity : 'neutral';
}

function facts({ report, alerts, status, acknowledgedBy, createdAtMs }: Notification): (readonly [string, string])[] {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const fired = least((firing.length > 0 ? firing : alerts).map(({ firedAtMs }) => firedAtMs));
  const resolved = -least(alerts.map(({ resolvedAtMs }) => -(resolvedAtMs ?? NaN)));
  const since = `${formatInstant(fired)}, ${formatDuration(createdAtMs - fired)} before this message`;
  return [
    ...(report === undefined ? modelFacts(alerts) : reportFacts(report)),
    ...(alerts.length === 0
      ? []
      : status === 'firing'
        ? [['Firing since', since] as const]
        : [['Fired', formatInstant(fired)] as const, ['Resolved', formatInstant(resolved)] as const]),
    ...(acknowledgedBy === undefined ? [] : [['Acknowledged by', plain(acknowledgedBy)] as const]),
  ];
}

/** Models and versions of alerts without a report, as far as there is room. */
function modelFacts(alerts: readonly AlertView[]): (readonly [string, string])[] {
  const models = [...new Set(alerts.map(({ labels }) => `${plain(labels.model)} ${plain(labels.version)}`))];
  if (models.length === 0) return [];
  const more = models.length > 5 ? `, and ${models.length - 5} more` : '';
  return [[models.length === 1 ? 'Model' : 'Models', `${models.slice(0, 5).join(', ')}${more}`]];
}

function links({ links: known }: Notification): { text: string; url: string }[] {
  const named = [
    ['Acknowledge', known.acknowledge],
    ['Silence', known.silence],
    ['Open the alert', known.alert],
    ['Dashboard', known.dashboard],
    ['Runbook', known.runbook],
  ] as const;
  return named.flatMap(([text, url]) => {
    const address = webAddress(url);
    return address === undefined ? [] : [{ text, url: address }];
  });
}

/** Returns the address in its normal form if it leads to a web page: anything else (javascript:, data:) is no link. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

/** The least of the numbers that are some; NaN of none. */
function least(values: readonly number[]): number {
  return values.reduce((min, value) => (value < min || Number.isNaN(min) ? value : min), NaN);
}
