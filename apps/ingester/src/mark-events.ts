import type { PredictionEvent } from '@plumbline/contracts';
import { type HourMark, markHoursDirty, startOfHour, type Store } from '@plumbline/storage';

/** Says that the cells of the hours of these predictions must be checked before they are trusted. */
export async function markEvents(
  store: Store,
  events: readonly PredictionEvent[],
  identity: string,
  nowMs: number,
): Promise<void> {
  const marks = new Map<string, HourMark>();
  for (const { project, model, timestampMs } of events) {
    const hourMs = startOfHour(timestampMs);
    const mark: HourMark = { project, model, aspect: 'prediction', hourMs, touchedAtMs: nowMs };
    marks.set(`${project}/${model}/${hourMs}`, mark);
  }
  await markHoursDirty(store, [...marks.values()], `${identity}:${nowMs}`);
}
