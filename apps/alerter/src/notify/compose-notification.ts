import type { PendingDelivery } from './group-deliveries.js';
import { type AlertChange, isFiring, type Notification } from './notification.js';

/** Returns the message that a delivery stands for: all its changes, the worst first. */
export function composeNotification(
  receiver: string,
  { deliveryId, entries }: PendingDelivery,
  attemptedAtMs: number,
): Notification {
  const changes: AlertChange[] = [...entries].sort(byBadness);
  const { transition: worst } = changes[0]!;
  const firing = changes.some(isFiring);
  return {
    id: deliveryId,
    project: worst.project,
    model: worst.model,
    monitor: worst.monitor,
    receiver,
    status: firing ? 'firing' : 'resolved',
    severity: firing ? worst.severity : 'ok',
    windowStartMs: worst.windowStartMs,
    windowEndMs: worst.windowEndMs,
    revision: worst.revision,
    changes,
    features: [...new Set(changes.map(({ transition }) => transition.feature))].filter((feature) => feature !== ''),
    attemptedAtMs,
  };
}

/** Alerts that fire before resolved ones, critical before warning, then by how far the value is beyond its threshold. */
function byBadness(left: AlertChange, right: AlertChange): number {
  return (
    Number(isFiring(right)) - Number(isFiring(left)) ||
    Number(right.transition.severity === 'critical') - Number(left.transition.severity === 'critical') ||
    excess(right) - excess(left) ||
    (left.transition.feature < right.transition.feature ? -1 : 1)
  );
}

function excess({ transition: { value, threshold } }: AlertChange): number {
  const ratio = Math.abs(value) / Math.abs(threshold);
  return Number.isFinite(ratio) ? ratio : 0;
}
