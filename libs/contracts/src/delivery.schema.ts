/**
 * What became of one attempt to send. Closed, because it is a metric label. Two are no attempts: `suppressed` says that somebody was
 * not told, and why; `requested` that a person wants it sent again.
 */
export const deliveryOutcomes = ['delivered', 'retryable', 'rejected', 'suppressed', 'requested'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export interface Delivery {
  /** Hash of what is sent and to whom: the idempotency key, the same on each attempt. */
  readonly deliveryId: string;
  readonly project: string;
  readonly model: string;
  readonly receiver: string;
  readonly channel: string;
  readonly kind: 'alert' | 'retraining';
  readonly transitionIds: readonly string[];
  readonly attempt: number;
  readonly outcome: DeliveryOutcome;
  readonly status: number;
  readonly detail: string;
  readonly sentAtMs: number;
  /** 0 when no further attempt will be made. */
  readonly nextAttemptAtMs: number;
  /** Route of the group it belongs to; "" for the one of alerts that no route takes. */
  readonly route?: string;
  /** Of the message. */
  readonly incidentId?: string;
  /** What the channel wants to have back with the next message of the incident. */
  readonly memory?: string;
}
