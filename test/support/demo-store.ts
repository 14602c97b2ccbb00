import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AlertReply, RetrainingRunReply } from '@plumbline/contracts';
import { ApiClient } from '../../apps/cli/src/api-client.js';
import {
  DAY_MS,
  DEMO_DAYS,
  DEMO_MODEL,
  DEMO_SEED,
  firstDayMs,
  PREDICTIONS_PER_DAY,
} from '../../apps/cli/src/demo/demo-plan.js';
import { trafficOfDay } from '../../apps/cli/src/demo/demo-traffic.js';
import { runEvaluation } from '../../apps/cli/src/run-evaluation.js';
import { until } from './until.js';

const MAIN = resolve(import.meta.dirname, '../../apps/cli/dist/main.js');
/** Generous: two cores may be busy with another suite. */
const WAIT_MS = 120_000;

/**
 * Plays the demo into a folder, which is to be new or empty, as a person would. Where `PLUMBLINE_DEMO_DATA` names a folder that it was
 * played into on the same day, that is copied: it spares a minute while a test is being written.
 * @throws Error with its output when it went otherwise
 */
export async function playDemo(dataDir: string): Promise<void> {
  const played = process.env.PLUMBLINE_DEMO_DATA;
  if (played) return cp(played, dataDir, { recursive: true });
  await new Promise<void>((done, fail) => {
    const args = [MAIN, 'demo', '--data-dir', dataDir];
    execFile(process.execPath, args, { env: { PATH: process.env.PATH } }, (error, stdout, stderr) => {
      if (error === null && stdout.includes('The story happened as told.')) done();
      else fail(new Error(`the demo went otherwise:\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`));
    });
  });
}

/** What is to be done after the demo, when all it told of is over. */
export interface OpenMatters {
  /** Alerts that fire, worst first as the server lists them. */
  readonly alerts: readonly AlertReply[];
  /** A retraining run that waits for approval. */
  readonly run: RetrainingRunReply;
}

/**
 * Goes on where the demo ended: for a day the world of version 2 is as it was before it was trained, so that two features drift,
 * and a policy asks for approval to call `targetUrl`.
 */
export async function letVersionTwoDrift(url: string, apiKey: string, targetUrl: string): Promise<OpenMatters> {
  const client = new ApiClient({ url, apiKey });
  await client.put(`/v1/models/${DEMO_MODEL}/retraining-policies/when-it-drifts`, {
    when: { alerts: { monitors: ['feature-drift'] } },
    approval: {},
    cool_down: '1s',
    target: { url: targetUrl },
  });
  const day = DEMO_DAYS + 1;
  const dayStartMs = firstDayMs(Date.now()) + (day - 1) * DAY_MS;
  const { predictions } = trafficOfDay({
    seed: DEMO_SEED,
    day,
    dayStartMs,
    count: PREDICTIONS_PER_DAY,
    version: '2',
    world: { drifted: false, conceptChanged: false },
  });
  const content = `${predictions.join('\n')}\n`;
  await client.request('POST', '/v1/predictions', { contentType: 'application/x-ndjson', content });
  const instantOf = (atMs: number): string => new Date(atMs).toISOString();
  await runEvaluation(client, {
    model: DEMO_MODEL,
    from: instantOf(dayStartMs),
    to: instantOf(dayStartMs + DAY_MS),
  });
  const { items: alerts } = (await client.get('/v1/alerts', { status: 'firing' })) as { items: AlertReply[] };
  const run = await until(
    'a retraining run that waits for approval',
    async () => {
      const { items } = (await client.get('/v1/retraining-runs', {})) as { items: RetrainingRunReply[] };
      return items.find(({ status }) => status === 'awaiting_approval');
    },
    WAIT_MS,
  );
  return { alerts, run };
}
