import type { Model, Monitor } from '@plumbline/contracts';
import { defaultMonitors } from './default-monitors.js';

/** Returns the monitors in force: the default ones and the declared ones, which replace a default one of the same name. */
export function monitorsOf(model: Model, declared: readonly Monitor[]): Monitor[] {
  const byName = new Map([...defaultMonitors(model), ...declared].map((monitor) => [monitor.monitor, monitor]));
  return [...byName.values()].filter(({ declaration }) => declaration.enabled);
}
