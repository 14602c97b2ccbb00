import { stableId } from '@plumbline/monitoring';
import type { OutboxEntry } from '@plumbline/storage';

/** Transitions that go to a receiver as one message, and how far that got. */
export interface PendingDelivery {
  /** Idempotency key: a hash of the receiver and what it is told. */
  readonly deliveryId: string;
  /** Never empty. */
  readonly entries: readonly OutboxEntry[];
  /** Attempts made so far. */
  readonly attempts: number;
  /** 0 before the first attempt. */
  readonly nextAttemptAtMs: number;
}

/**
 * Returns the messages that the entries make, oldest first: one for what one evaluation of one monitor changed. What was
 * attempted once keeps its composition, so that its id stays the same however many transitions come after it.
 */
export function groupDeliveries(receiver: string, entries: readonly OutboxEntry[]): PendingDelivery[] {
  const groups = new Map<string, OutboxEntry[]>();
  for (const entry of entries) {
    const { monitor, windowEndMs, revision, decidedAtMs } = entry.transition;
    const key = entry.deliveryId || JSON.stringify([monitor, windowEndMs, revision, decidedAtMs]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].map((group) => pendingDelivery(receiver, group)).sort(byAge);
}

/**
 * Returns the deliveries that wait for no other. One about an alert of which an older message is still on its way waits for that:
 * a "resolved" that overtakes its "firing" would leave the receiver with an alert that never ends.
 * @param pending oldest first
 */
export function inOrder(pending: readonly PendingDelivery[]): PendingDelivery[] {
  const awaited = new Set<string>();
  return pending.filter(({ entries }) => {
    const alertIds = entries.map(({ transition }) => transition.alertId);
    const first = !alertIds.some((alertId) => awaited.has(alertId));
    for (const alertId of alertIds) awaited.add(alertId);
    return first;
  });
}

function pendingDelivery(receiver: string, entries: readonly OutboxEntry[]): PendingDelivery {
  const { transition, deliveryId, attempts, nextAttemptAtMs } = entries[0]!;
  const transitionIds = entries.map((entry) => entry.transition.transitionId).sort();
  return {
    deliveryId: deliveryId || stableId(transition.project, transition.model, receiver, ...transitionIds),
    entries,
    attempts,
    nextAttemptAtMs,
  };
}

/** By when it was decided: what late data corrects about an old window is newer than what was said of the windows after it. */
function byAge({ entries: [left] }: PendingDelivery, { entries: [right] }: PendingDelivery): number {
  const [a, b] = [left!.transition, right!.transition];
  return a.decidedAtMs - b.decidedAtMs || a.windowEndMs - b.windowEndMs || a.revision - b.revision;
}
