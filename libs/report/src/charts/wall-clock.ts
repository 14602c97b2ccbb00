import { formatInZone } from '../page/format-in-zone.js';

/** Returns an instant as the time that clocks in a zone show, in milliseconds as if that were UTC: what a time axis is drawn by. */
export function wallClock(atMs: number, zone: string): number {
  return Date.parse(`${formatInZone(atMs, zone, 'second').replace(' ', 'T')}Z`);
}
