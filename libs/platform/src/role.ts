import type { Configuration } from '@plumbline/contracts';

/** What a process is: one of the four apps, or all of them. */
export type Role = 'standalone' | 'api' | 'ingester' | 'evaluator' | 'alerter';

/** The port that a process of the role listens on: the API's for whoever has the API in it. */
export function portOf(role: Role, { port, ingesterPort, evaluatorPort, alerterPort }: Configuration['http']): number {
  const ports = { standalone: port, api: port, ingester: ingesterPort, evaluator: evaluatorPort, alerter: alerterPort };
  return ports[role];
}
