import { z } from 'zod';
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
  readonly value: number;
  readonly threshold: number;
  readonly nCurrent: number;
  readonly pValue: number;
  readonly reason: string;
  readonly decidedAtMs: number;
}

/** Transitions a person or a pipeline hears of. The others are history. */
export function isNotifiable(transition: Pick<Transition, 'from' | 'to'>): boolean {
  const open = (status: AlertStatus): boolean => status === 'firing' || status === 'recovering';
  return (
    (transition.to === 'firing' && !open(transition.from)) || (open(transition.from) && transition.to === 'inactive')
  );
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
  resolved_at: z.string().nullable(),
});
export type AlertReply = z.infer<typeof alertSchema>;
