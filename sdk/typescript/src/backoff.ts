export const FIRST_DELAY_MS = 500;
export const MAX_DELAY_MS = 30_000;
/** However long a server asks to wait, it is asked again after this. */
export const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Returns how long to wait before the next attempt, in milliseconds: full jitter under an exponential ceiling, on top of what the server asked for.
 * @param attempt failures so far, from 0
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, random: number, retryAfterMs = 0): number {
  const ceilingMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 30));
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random * ceilingMs;
}

/** Returns the milliseconds that a Retry-After header asks to wait: seconds, or a date. Undefined when there is none that can be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
