export { compileMatcher, matchesAll } from './alert-matcher.js';
export {
  coverKey,
  type LastMessage,
  type NotifyReceiver,
  type NotifyWorld,
  type ToldAlert,
  type TrackedAlert,
} from './notify-world.js';
export {
  type NotifyPlan,
  type PlannedMessage,
  planNotifications,
  type SuppressedEpisode,
} from './plan-notifications.js';
export { inRouteOrder } from './routes-of-alert.js';
export { subjectOf } from './subject-of.js';
export type { WithheldReason } from './withhold.js';
