/** What became of one attempt to send. Closed, because it is a metric label. */
export const deliveryOutcomes = ['delivered', 'retryable', 'rejected'] as const;
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
}
