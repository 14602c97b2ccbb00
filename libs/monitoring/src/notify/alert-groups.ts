import { type AlertLabelName, type AlertLabels, type Route, type RouteDeclaration } from '@plumbline/contracts';
import type { GroupKey, LastMessage, NotifyReceiver, NotifyWorld, TrackedAlert } from './notify-world.js';
import { DEFAULT_ROUTE, RECEIVER_ROUTE, routesOfAlert } from './routes-of-alert.js';

/** The alerts of one receiver and route that agree in the labels which the route groups by. */
export interface AlertGroup extends GroupKey {
  readonly groupLabels: Readonly<Partial<AlertLabels>>;
  readonly declaration: RouteDeclaration;
  /** Alerts that the route takes now. */
  readonly alerts: readonly TrackedAlert[];
  /** Alerts that its last message told of, and that the route does not take any more. */
  readonly strayed: readonly TrackedAlert[];
  readonly last: LastMessage | undefined;
}

/**
 * Returns what a receiver is concerned with, group by group: the alerts that routes take for it, those that no route takes, and
 * whatever it was told of and not yet that it is over, even if its route is gone.
 */
export function alertGroups(world: NotifyWorld, { receiver }: NotifyReceiver): AlertGroup[] {
  const members = new Map<string, Omit<AlertGroup, 'strayed' | 'last'> & { readonly alerts: TrackedAlert[] }>();
  for (const alert of world.alerts) {
    for (const { route, declaration } of routesFor(alert, world.routes, receiver)) {
      if (declaration.group_by.includes('model') !== (world.scope === 'model')) continue;
      const groupLabels = pick(alert.view.labels, declaration.group_by);
      const groupKey = JSON.stringify(groupLabels);
      const id = idOf({ receiver, route, groupKey });
      const group = members.get(id) ?? { receiver, route, groupKey, groupLabels, declaration, alerts: [] };
      group.alerts.push(alert);
      members.set(id, group);
    }
  }
  const lastMessages = new Map(
    world.lastMessages.filter((last) => last.receiver === receiver).map((last) => [idOf(last), last]),
  );
  for (const [id, { route, groupKey, groupLabels }] of lastMessages) {
    if (members.has(id)) continue;
    const { declaration } = world.routes.find((each) => each.route === route) ?? DEFAULT_ROUTE;
    members.set(id, { receiver, route, groupKey, groupLabels, declaration, alerts: [] });
  }
  const byId = new Map(world.alerts.map((alert) => [alert.view.alertId, alert]));
  return [...members].map(([id, group]) => {
    const last = lastMessages.get(id);
    return { ...group, last, strayed: strayedOf(group.alerts, last, byId) };
  });
}

/** Returns the routes that take an alert for a receiver. */
function routesFor({ view }: TrackedAlert, routes: readonly Route[], receiver: string): Route[] {
  if (view.labels.model === '') return view.labels.feature === receiver ? [] : [RECEIVER_ROUTE];
  const taken = routesOfAlert(view.labels, routes);
  return taken.length === 0
    ? [DEFAULT_ROUTE]
    : taken.filter(({ declaration }) => declaration.receivers.includes(receiver));
}

function strayedOf(
  alerts: readonly TrackedAlert[],
  last: LastMessage | undefined,
  byId: ReadonlyMap<string, TrackedAlert>,
): TrackedAlert[] {
  const taken = new Set(alerts.map(({ view }) => view.alertId));
  return (last?.told ?? [])
    .filter(({ alertId }) => !taken.has(alertId))
    .flatMap(({ alertId }) => byId.get(alertId) ?? []);
}

function pick(labels: AlertLabels, names: readonly AlertLabelName[]): Partial<AlertLabels> {
  return Object.fromEntries([...names].sort().map((name) => [name, labels[name]]));
}

function idOf({ receiver, route, groupKey }: GroupKey): string {
  return JSON.stringify([receiver, route, groupKey]);
}
