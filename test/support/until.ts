import { setTimeout as delay } from 'node:timers/promises';

/** The first defined answer of the probe. @throws Error when there is none within `timeoutMs` */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    await delay(50);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`);
}
