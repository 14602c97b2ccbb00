export type { AlertPolicy } from './alert-policy.js';
export { closingReason, type EvaluatedFindings, type OpenEpisode, WATCHED_WINDOWS } from './closing-reason.js';
export { closingTransition } from './closing-transition.js';
export { correctTold, type ToldEpisode } from './correct-told.js';
export { decide, type Decision } from './decide.js';
export { fold, type FoldResult, type FoldStep } from './fold.js';
export { type HandEnding, type StandingState, unawareSince } from './hand-ending.js';
export { initialAlertState } from './initial-alert-state.js';
export type { LateData, Retrospect, RetrospectChange } from './transition-of.js';
