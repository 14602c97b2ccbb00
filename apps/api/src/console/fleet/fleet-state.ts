import { type Severity, severitySchema } from '@plumbline/contracts';
import type { FleetModel } from '@plumbline/storage';

/** How a model is doing: the worst of its alerts, or what keeps it from being judged. `new`: no window of it was evaluated yet. */
export type FleetState = Severity | 'new';

/** Worst first. Too little data is no state of a model: some feature of it has too little all the time. */
export const FLEET_STATES = [
  'critical',
  'warning',
  'error',
  'no_data',
  'no_reference',
  'new',
  'ok',
] as const satisfies readonly FleetState[];

export type ListedState = (typeof FLEET_STATES)[number];

/** Returns how a model is doing. */
export function fleetStateOf({ firingSeverities, unjudged, evaluatedAtMs }: FleetModel): ListedState {
  const severities = new Set<FleetState>([...firingSeverities, ...unjudged]);
  // An alert whose severity says nothing bad fires all the same.
  if (firingSeverities.length > 0 && !severitySchema.options.slice(1).some((severity) => severities.has(severity))) {
    return 'warning';
  }
  return FLEET_STATES.find((state) => severities.has(state)) ?? (evaluatedAtMs === 0 ? 'new' : 'ok');
}
