import { z } from 'zod';
import { alertActionSchema } from './alert-action.schema.js';
import type { Series } from './measurement.schema.js';
import { severitySchema, type Severity } from './monitor.schema.js';

export const alertStatusSchema = z.enum(['inactive', 'pending', 'firing', 'recovering', 'no_data', 'error']);
export type AlertStatus = z.infer<typeof alertStatusSchema>;

/** State of one alert series after one window. Small, serialisable, the whole memory of the state machine. */
export interface AlertState {
  readonly status: AlertStatus;
  /** Severity while firing or recovering, else "ok". */
  readonly severity: Severity;
  /** Windows in a row at or beyond the enter threshold. */
  readonly breaches: number;
  /** End of the last window counted in `breaches`: data that overlaps it does not count a second time. 0 when none was. */
  readonly countedToMs: number;
  /** Healthy windows in a row while firing. */
  readonly healthy: number;
  /** End of the first window that counts: of the row of breaches that made it pending or fire, or of those in which nothing is known; else 0. */
  readonly sinceMs: number;
  /** End of the window in which the episode fired; 0 when none is open. */
  readonly firingSinceMs: number;
  /** Id of the open episode; "" when none. */
  readonly alertId: string;
}

/** A change of alert state. `transitionId` is a hash of (monitor, series, window end, revision, from, to). */
export interface Transition extends Series {
  readonly transitionId: string;
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly alertId: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly revision: number;
  readonly from: AlertStatus;
  readonly to: AlertStatus;
  readonly severity: Severity;
  /** What the open alert had before; "ok" where none was open. */
  readonly severityBefore: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly nCurrent: number;
  readonly pValue: number;
  readonly reason: string;
  /** Who ended the alert by hand, a person or a retraining run; "" when windows decided. */
  readonly resolvedBy: string;
  readonly decidedAtMs: number;
}

type Change = Pick<Transition, 'from' | 'to' | 'severity' | 'severityBefore'>;

/** Transitions a person or a pipeline hears of: an alert fires, becomes critical, or is resolved. The others are history. */
export function isNotifiable(transition: Change): boolean {
  const { from, to } = transition;
  return (to === 'firing' && !isOpen(from)) || isEscalation(transition) || (isOpen(from) && to === 'inactive');
}

/** Whether an open alert becomes critical: news to a person on call, who may not be told of warnings. */
export function isEscalation({ from, to, severity, severityBefore }: Change): boolean {
  return isOpen(from) && to === 'firing' && severity === 'critical' && severityBefore !== 'critical';
}

/** Returns whether an episode is open in this status: someone was told, and not yet that it is over. */
export function isOpen(status: AlertStatus): boolean {
  return status === 'firing' || status === 'recovering';
}

export const alertSchema = z.object({
  alert_id: z.string(),
  model: z.string(),
  version: z.string(),
  monitor: z.string(),
  segment: z.string(),
  feature: z.string(),
  method: z.string(),
  status: z.enum(['firing', 'resolved']),
  severity: severitySchema,
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  reason: z.string(),
  fired_at: z.string().describe('end of the window in which it fired'),
  resolved_at: z
    .string()
    .nullable()
    .describe('end of the window in which it was resolved, or of the last one before that was done by hand'),
  resolved_by: z.string().nullable().describe('who resolved it by hand; null when a window did, or while it fires'),
  acknowledged_by: z.string().nullable().describe('who works on it; null when nobody has acknowledged it'),
  acknowledged_at: z.string().nullable(),
});
export type AlertReply = z.infer<typeof alertSchema>;

export const alertTransitionSchema = z.object({
  transition_id: z.string(),
  from: alertStatusSchema,
  to: alertStatusSchema,
  severity: severitySchema,
  severity_before: severitySchema,
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  p_value: z.number().nullable(),
  n_current: z.number().int(),
  window_start: z.string(),
  window_end: z.string(),
  revision: z.number().int(),
  reason: z.string(),
  resolved_by: z.string().nullable(),
  notifiable: z.boolean().describe('whether receivers hear of it'),
  decided_at: z.string(),
});
export type AlertTransitionReply = z.infer<typeof alertTransitionSchema>;

export const alertDetailSchema = alertSchema.extend({
  history: z.array(alertTransitionSchema).describe('every change of the alert, in the order of decisions'),
  actions: z.array(alertActionSchema).describe('what people did about it, the oldest first'),
});
export type AlertDetailReply = z.infer<typeof alertDetailSchema>;
