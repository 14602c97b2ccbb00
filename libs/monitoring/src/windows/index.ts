export { dueWindows } from './due-windows.js';
export { lastClosedWindowEnd } from './last-closed-window-end.js';
export { type EvaluatedWindow, type ReopenedWindow, reopenedWindows, type Touch } from './reopened-windows.js';
export { resolveWindowing, type ResolvedWindowing } from './resolved-windowing.js';
export { widenedStart } from './widened-start.js';
export {
  type ClassScores,
  noPerformance,
  type PerformanceData,
  type SeriesData,
  type TrafficData,
  type WindowData,
} from './window-data.js';
export { windowsWithin } from './windows-within.js';
export type { Window } from './window.js';
