import { type Delivery, deliveryOutcomes } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';

const selectDeliveries = defineQuery({
  name: 'select deliveries',
  sql: `SELECT project, model, receiver, delivery_id, channel, kind, transition_ids, attempt, outcome, status, detail, route, incident_id, memory,
          toUnixTimestamp64Milli(sent_at) AS sent_at_ms, toUnixTimestamp64Milli(next_attempt_at) AS next_attempt_at_ms
        FROM delivery
        WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
          AND ({delivery_id:String} = '' OR delivery_id = {delivery_id:String})
        ORDER BY sent_at DESC, attempt DESC LIMIT {limit:UInt32}`,
  params: z.object({ project: z.string(), model: z.string(), delivery_id: z.string(), limit: z.number() }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      receiver: z.string(),
      delivery_id: z.string(),
      channel: z.string(),
      kind: z.enum(['alert', 'retraining']),
      transition_ids: z.array(z.string()),
      attempt: integer,
      outcome: z.enum(deliveryOutcomes),
      status: integer,
      detail: z.string(),
      route: z.string(),
      incident_id: z.string(),
      memory: z.string(),
      sent_at_ms: millis,
      next_attempt_at_ms: millis,
    })
    .transform((values): Delivery => ({
      deliveryId: values.delivery_id,
      project: values.project,
      model: values.model,
      receiver: values.receiver,
      channel: values.channel,
      kind: values.kind,
      transitionIds: values.transition_ids,
      attempt: values.attempt,
      outcome: values.outcome,
      status: values.status,
      detail: values.detail,
      route: values.route,
      incidentId: values.incident_id,
      memory: values.memory,
      sentAtMs: values.sent_at_ms,
      nextAttemptAtMs: values.next_attempt_at_ms,
    })),
});

/** Appends one attempt to the log: to be called after it, never before. */
export async function insertDelivery(store: Store, delivery: Delivery): Promise<void> {
  await store.insert(
    'delivery',
    [
      {
        project: delivery.project,
        model: delivery.model,
        receiver: delivery.receiver,
        delivery_id: delivery.deliveryId,
        channel: delivery.channel,
        kind: delivery.kind,
        transition_ids: delivery.transitionIds,
        attempt: delivery.attempt,
        outcome: delivery.outcome,
        status: delivery.status,
        detail: delivery.detail,
        route: delivery.route ?? '',
        incident_id: delivery.incidentId ?? '',
        memory: delivery.memory ?? '',
        sent_at: instant(delivery.sentAtMs),
        next_attempt_at: instant(delivery.nextAttemptAtMs),
      },
    ],
    `delivery:${delivery.deliveryId}:${delivery.attempt}:${delivery.outcome}`,
  );
}

export interface DeliveryFilter {
  readonly project: string;
  readonly model?: string | undefined;
  readonly deliveryId?: string | undefined;
  readonly limit: number;
}

/** Returns attempts to send, newest first. */
export async function listDeliveries(store: Store, filter: DeliveryFilter): Promise<Delivery[]> {
  return store.query(selectDeliveries, {
    project: filter.project,
    model: filter.model ?? '',
    delivery_id: filter.deliveryId ?? '',
    limit: filter.limit,
  });
}
