/**
 * Longer than a session and than a request to the store may take: whatever a former owner of a model had under way has come by then, or
 * has failed.
 */
const SETTLED_AFTER_MS = 15 * 60_000;
/** Hours of a model that are remembered; a rebuild of years needs no second look at each of them. */
const MAX_HOURS = 24 * 31;

/**
 * Remembers which hours were found to be right, so that each is looked at once more later: a former owner of the model that was cut off,
 * or its request that the store carried out late, may add cells after its successor has compared the hour, and may not live to say so.
 */
export class SecondLooks {
  private readonly cleanedAt = new Map<string, Map<number, number>>();

  /** @param key of the model */
  cleaned(key: string, hoursMs: readonly number[], nowMs: number): void {
    let hours = this.cleanedAt.get(key);
    if (hours === undefined) this.cleanedAt.set(key, (hours = new Map<number, number>()));
    for (const hourMs of hoursMs.slice(-MAX_HOURS)) {
      hours.delete(hourMs);
      hours.set(hourMs, nowMs);
    }
    for (const hourMs of hours.keys()) {
      if (hours.size <= MAX_HOURS) break;
      hours.delete(hourMs);
    }
  }

  /** Hours of the model that are due for their second look; they stay due until `looked`. */
  due(key: string, nowMs: number): number[] {
    const hours = [...(this.cleanedAt.get(key) ?? [])];
    return hours.filter(([, cleanedAtMs]) => nowMs - cleanedAtMs >= SETTLED_AFTER_MS).map(([hourMs]) => hourMs);
  }

  looked(key: string, hoursMs: readonly number[]): void {
    const hours = this.cleanedAt.get(key);
    for (const hourMs of hoursMs) hours?.delete(hourMs);
    if (hours?.size === 0) this.cleanedAt.delete(key);
  }
}
