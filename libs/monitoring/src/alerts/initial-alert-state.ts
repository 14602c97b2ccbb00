import type { AlertState } from '@plumbline/contracts';

/** State of a series that was never decided on. */
export const initialAlertState: AlertState = {
  status: 'inactive',
  severity: 'ok',
  breaches: 0,
  countedToMs: 0,
  healthy: 0,
  sinceMs: 0,
  firingSinceMs: 0,
  alertId: '',
};
