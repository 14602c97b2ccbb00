import { jsonBody } from './read-request.js';
import type { TargetRules } from './target-server.js';

export const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A pipeline of somebody's own that keeps the idempotency keys it has seen, and answers with a job. */
export function webhookRules(): TargetRules {
  const jobs = new Map<string, string>();
  return {
    starts: ({ path }) => path === '/train',
    runs: () => jobs.size,
    reply: (request) => {
      const key = request.headers['idempotency-key'];
      const body = jsonBody(request);
      if (typeof key !== 'string' || (body !== undefined && body.run_id !== key))
        return { status: 400, body: 'no key' };
      const id = jobs.get(key) ?? `job-${jobs.size + 1}`;
      jobs.set(key, id);
      return { status: 202, body: { state: 'queued', job: { id, url: `https://jobs.example.com/${id}` } } };
    },
  };
}
