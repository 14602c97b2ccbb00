import type { RetrainingRequest } from '@plumbline/contracts';
import type { StartedRun, TargetAnswer, TargetProtocol } from './target-protocol.js';

/**
 * What an answer means for the run. `again`: nothing was started, the same call may succeed later. `unknown`: whether a run was
 * started cannot be told. `refused`: nothing was started, and nothing will be.
 */
export type TargetVerdict =
  | { readonly verdict: 'started'; readonly run: StartedRun }
  | { readonly verdict: 'again' | 'unknown' | 'refused'; readonly detail: string };

/** Returns what the answer to the call of a run means. */
export function readTargetAnswer(
  protocol: TargetProtocol,
  answer: TargetAnswer,
  request: RetrainingRequest,
): TargetVerdict {
  const { status, text } = answer;
  if (isGatewayFailure(status)) return { verdict: 'unknown', detail: text };
  if (mayPass(status)) return { verdict: 'again', detail: text };
  const read = protocol.read(answer, request);
  switch (read.reading) {
    case 'started':
      return { verdict: 'started', run: read.run };
    case 'refused':
      return { verdict: 'refused', detail: read.detail };
    case 'later':
      return { verdict: 'again', detail: read.detail };
    case 'unclear':
      return { verdict: 'unknown', detail: `the answer is not what the target documents: ${text}` };
  }
}

/** Whether a failure of this status may pass by itself. */
export function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Whether a proxy got no answer after it had passed the request on, 520 to 527 being those of Cloudflare. */
function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 504 || (status >= 520 && status <= 527);
}
