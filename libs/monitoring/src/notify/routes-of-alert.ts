import { type AlertLabels, type Route, routeDeclarationSchema } from '@plumbline/contracts';
import { matchesAll } from './alert-matcher.js';

/** How alerts are told of that no route takes: to everybody, model by model. */
export const DEFAULT_ROUTE: Route = {
  project: '',
  route: '',
  declaration: routeDeclarationSchema.parse({ receivers: [] }),
};

/** How is told that a receiver fails, which no model is named in: to the others, whatever the routes say. */
export const RECEIVER_ROUTE: Route = {
  project: '',
  route: '',
  declaration: routeDeclarationSchema.parse({ receivers: [], group_by: ['monitor', 'feature'], group_wait: '0s' }),
};

/** Returns the routes in the order in which they are asked. */
export function inRouteOrder(routes: readonly Route[]): Route[] {
  return [...routes].sort(
    (left, right) => left.declaration.order - right.declaration.order || (left.route < right.route ? -1 : 1),
  );
}

/**
 * Returns the routes that take an alert: the first that matches, and those after it as long as each says `continue`.
 * @param routes in the order in which they are asked
 */
export function routesOfAlert(labels: AlertLabels, routes: readonly Route[]): Route[] {
  const taken: Route[] = [];
  for (const route of routes) {
    if (!matchesAll(route.declaration.matchers, labels)) continue;
    taken.push(route);
    if (!route.declaration.continue) break;
  }
  return taken;
}
