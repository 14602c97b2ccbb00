import type { GuardedHttp } from '../egress/guarded-http.js';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import { addressBelow } from '../webhook/address-below.js';
import { postJson } from '../webhook/post-json.js';
import type { SendResult } from './channel.js';
import type { PagerdutyDeclaration } from './pagerduty-channel.js';
import type { PagerdutyLink } from './pagerduty-event.js';

const MAX_SUMMARY = 1024;

/** Something that was done to a model and is no problem: "retraining triggered", "model deployed". */
export interface ModelChange {
  readonly project: string;
  readonly model: string;
  /** One sentence. */
  readonly summary: string;
  readonly atMs: number;
  readonly details: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly PagerdutyLink[];
}

/** Returns the change event of Events API v2 that tells of a change: https://developer.pagerduty.com/docs/send-change-event */
export function pagerdutyChangeEvent(change: ModelChange, routingKey: string): object {
  return {
    routing_key: routingKey,
    payload: {
      summary: change.summary.slice(0, MAX_SUMMARY).toWellFormed(),
      timestamp: new Date(change.atMs).toISOString(),
      source: `${change.project}/${change.model}`,
      custom_details: change.details,
    },
    links: change.links,
  };
}

/**
 * Tells a receiver of PagerDuty of a change; it pages nobody, but is shown beside incidents. PagerDuty keeps each that it gets, so
 * a repeated one stands there twice.
 * @throws the signal's reason when it aborts, and nothing else
 */
export async function sendPagerdutyChange(
  { http, secrets }: { readonly http: GuardedHttp; readonly secrets: Secrets },
  declaration: PagerdutyDeclaration,
  change: ModelChange,
  attemptedAtMs: number,
  signal: AbortSignal,
): Promise<SendResult> {
  signal.throwIfAborted();
  const key = await secrets.read(declaration.routing_key, secretForms.pagerdutyKey);
  if (!key.ok) return { outcome: 'retryable', status: 0, detail: key.problem };
  const body = JSON.stringify(pagerdutyChangeEvent(change, key.value));
  const url = addressBelow(declaration.url, '/v2/change/enqueue');
  return postJson(http, { url, headers: {}, body, attemptedAtMs }, signal);
}
