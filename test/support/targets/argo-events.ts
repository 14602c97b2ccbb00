import { hasBearer } from './read-request.js';
import type { TargetRules } from './target-server.js';

export const argoEventsToken = 'argo-events-secret';
const MAX_PAYLOAD_BYTES = 1_048_576;

/** Argo Events 1.9, webhook event source with authSecret at /retrain. Every request is an event. */
export function argoEventsRules(): TargetRules {
  let runs = 0;
  return {
    starts: () => true,
    runs: () => runs,
    reply: (request) => {
      if (request.path !== '/retrain') return { status: 404, body: '404 page not found' };
      if (!hasBearer(request, argoEventsToken)) return { status: 401, body: 'Invalid authorization token' };
      if (request.method !== 'POST') return { status: 405, body: 'the method is not allowed' };
      if (Buffer.byteLength(request.body) > MAX_PAYLOAD_BYTES) return { status: 413, body: 'too large' };
      runs++;
      return { status: 200, body: 'success' };
    },
  };
}
