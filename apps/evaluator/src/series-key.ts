import type { Series } from '@plumbline/contracts';

/** Returns a text that stands for a series of a monitor. */
export function seriesKey({ version, segment, feature, method }: Series): string {
  return JSON.stringify([version, segment, feature, method]);
}
