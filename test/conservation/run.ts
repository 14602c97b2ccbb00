import type { LimitedDisk } from './limited-disk.js';
import type { NotificationReceiver } from './notification-receiver.js';
import type { Oracle } from './oracle.js';
import type { Report } from './report.js';

/** What a run works with, whatever it harms. */
export interface Run {
  readonly seed: number;
  readonly kills: number;
  readonly predictionsPerLife: number;
  readonly oracle: Oracle;
  readonly receiver: NotificationReceiver;
  readonly report: Report;
  readonly disk: LimitedDisk;
}

/** Kills after which a long run says how far it is. */
export const PROGRESS_EVERY = 50;
