const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** Milliseconds to wait before a batch is delivered again: 100 after the first failed attempt, doubling up to 5 000. */
export function retryDelayMs(failedAttempts: number): number {
  // The exponent is capped as well: 2 ** 1024 is Infinity, and Infinity makes setTimeout fire at once.
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failedAttempts - 1, 16));
}
