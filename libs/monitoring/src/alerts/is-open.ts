import type { AlertStatus } from '@plumbline/contracts';

/** Returns whether an episode is open in this status: someone was told, and not yet that it is over. */
export function isOpen(status: AlertStatus): boolean {
  return status === 'firing' || status === 'recovering';
}
