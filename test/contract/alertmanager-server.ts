import type { AlertmanagerAlert } from '../../apps/alerter/src/channels/alertmanager-alerts.js';
import type { ReceivedRequest, RemoteBehaviour } from './http-receiver.js';

/** What Alertmanager's API v2 refuses, after its OpenAPI description and `validateAlert`: a sentence each. */
export function alertmanagerFaults(body: string): string[] {
  const alerts = JSON.parse(body) as AlertmanagerAlert[];
  return alerts.flatMap(({ labels, annotations, startsAt, endsAt, generatorURL }) => [
    ...(Object.keys(labels).length > 0 ? [] : ['at least one label pair required']),
    ...Object.keys({ ...labels, ...annotations })
      .filter((name) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      .map((name) => `invalid name ${name}`),
    ...(Object.values({ ...labels, ...annotations }).every((value) => typeof value === 'string' && value !== '')
      ? []
      : ['an empty value']),
    ...(Number.isNaN(Date.parse(startsAt)) || Number.isNaN(Date.parse(endsAt)) ? ['a time that is none'] : []),
    ...(Date.parse(startsAt) > Date.parse(endsAt) ? ['start time must be before end time'] : []),
    ...(generatorURL === '' || URL.canParse(generatorURL) ? [] : ['generatorURL']),
  ]);
}

/** Alertmanager as far as it matters here: it keeps an alert for each set of labels, which fires until its end. */
export class Alertmanager {
  readonly alerts = new Map<string, AlertmanagerAlert>();

  /** @param prefix of its paths, without a slash at its end */
  constructor(private readonly prefix = '') {}

  readonly answer = ({ method, path, body }: ReceivedRequest): RemoteBehaviour => {
    if (`${method} ${path}` !== `POST ${this.prefix}/api/v2/alerts`) return { status: 404 };
    const faults = alertmanagerFaults(body);
    if (faults.length > 0) return { status: 400, body: JSON.stringify(faults) };
    for (const alert of JSON.parse(body) as AlertmanagerAlert[]) {
      this.alerts.set(JSON.stringify(Object.entries(alert.labels).sort()), alert);
    }
    return { status: 200 };
  };

  firingAt(nowMs: number): string[] {
    return [...this.alerts.values()]
      .filter(({ endsAt }) => Date.parse(endsAt) > nowMs)
      .map(({ labels }) => `${labels['feature']} ${labels['severity']}`)
      .sort();
  }
}
