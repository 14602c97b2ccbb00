import type { EvaluationProgress, EvaluationRequest } from '@plumbline/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import { CliError } from './cli-error.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Evaluates the windows of a time range on the server and resolves when they are done.
 * @throws CliError when the evaluation failed
 */
export async function runEvaluation(
  client: ApiClient,
  request: EvaluationRequest,
  onProgress: (reply: EvaluationProgress) => void = () => undefined,
): Promise<EvaluationProgress> {
  let reply = (await client.post('/v1/evaluations', request)) as EvaluationProgress;
  for (let pauseMs = FIRST_PAUSE_MS; reply.status === 'running'; pauseMs *= 2) {
    onProgress(reply);
    await delay(Math.min(pauseMs, LONGEST_PAUSE_MS));
    reply = (await client.get(`/v1/evaluations/${reply.id}`)) as EvaluationProgress;
  }
  onProgress(reply);
  if (reply.status === 'failed')
    throw new CliError(`the evaluation failed: ${reply.error ?? 'the server’s log says why'}`);
  return reply;
}
