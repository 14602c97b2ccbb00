import { type AlertState, alertStatusSchema, type Series, severitySchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';
import type { Chain } from './measurement.js';

/** State of one alert series after the window that ends at `windowEndMs`. */
export interface StoredAlertState extends Series {
  readonly windowEndMs: number;
  readonly state: AlertState;
}

/** A state as it was read, with the time of its decision: a newer one must not be older than that. */
export interface RecordedAlertState extends StoredAlertState {
  readonly updatedAtMs: number;
}

/** Writes states; one of the same series and window replaces the earlier one. */
export async function insertAlertStates(
  store: Store,
  { project, model, monitor, windowMs }: Chain,
  states: readonly StoredAlertState[],
  nowMs: number,
  identity: string,
): Promise<void> {
  await store.insert(
    'alert_state',
    states.map(({ version, segment, feature, method, windowEndMs, state }) => ({
      project,
      model,
      monitor,
      version,
      segment,
      feature,
      method,
      window_ms: windowMs,
      window_end: instant(windowEndMs),
      status: state.status,
      severity: state.severity,
      breaches: state.breaches,
      counted_to: instant(state.countedToMs),
      healthy: state.healthy,
      since: instant(state.sinceMs),
      firing_since: instant(state.firingSinceMs),
      alert_id: state.alertId,
      updated_at: instant(nowMs),
    })),
    `alert_state:${identity}`,
  );
}

/** Beyond every instant the engine can hold. */
const FOREVER_MS = Date.UTC(2200, 0, 1);

const columns = `version, segment, feature, method, toUnixTimestamp64Milli(window_end) AS window_end_ms, status, severity,
  breaches, toUnixTimestamp64Milli(counted_to) AS counted_to_ms, healthy,
  toUnixTimestamp64Milli(since) AS since_ms, toUnixTimestamp64Milli(firing_since) AS firing_since_ms,
  alert_id,
  toUnixTimestamp64Milli(updated_at) AS updated_at_ms`;

const row = z
  .object({
    version: z.string(),
    segment: z.string(),
    feature: z.string(),
    method: z.string(),
    window_end_ms: millis,
    status: alertStatusSchema,
    severity: severitySchema,
    breaches: integer,
    counted_to_ms: millis,
    healthy: integer,
    since_ms: millis,
    firing_since_ms: millis,
    alert_id: z.string(),
    updated_at_ms: millis,
  })
  .transform((values): RecordedAlertState => ({
    version: values.version,
    segment: values.segment,
    feature: values.feature,
    method: values.method,
    windowEndMs: values.window_end_ms,
    updatedAtMs: values.updated_at_ms,
    state: {
      status: values.status,
      severity: values.severity,
      breaches: values.breaches,
      countedToMs: values.counted_to_ms,
      healthy: values.healthy,
      sinceMs: values.since_ms,
      firingSinceMs: values.firing_since_ms,
      alertId: values.alert_id,
    },
  }));

const chain = `project = {project:String} AND model = {model:String} AND monitor = {monitor:String}
  AND window_ms = {window_ms:UInt64}`;
const chainParams = { project: z.string(), model: z.string(), monitor: z.string(), window_ms: z.number() };

const selectBefore = defineQuery({
  name: 'select alert states before a window',
  sql: `SELECT ${columns} FROM alert_state FINAL WHERE ${chain} AND window_end < {end:DateTime64(3, 'UTC')}
        ORDER BY window_end DESC LIMIT 1 BY version, segment, feature, method`,
  params: z.object({ ...chainParams, end: z.number().transform(instant) }),
  row,
});

/** Returns the last state of each series of the chain before the window that ends at `endMs`, or of all when it is left out. */
export async function listAlertStatesBefore(
  store: Store,
  { project, model, monitor, windowMs }: Chain,
  endMs = FOREVER_MS,
): Promise<RecordedAlertState[]> {
  return store.query(selectBefore, { project, model, monitor, window_ms: windowMs, end: endMs });
}

const selectFrom = defineQuery({
  name: 'select alert states from a window on',
  sql: `SELECT ${columns} FROM alert_state FINAL WHERE ${chain} AND window_end >= {end:DateTime64(3, 'UTC')}
        ORDER BY window_end, version, segment, feature, method`,
  params: z.object({ ...chainParams, end: z.number().transform(instant) }),
  row,
});

/** Returns the states of the chain from the window that ends at `endMs` on, oldest first. */
export async function listAlertStatesFrom(
  store: Store,
  { project, model, monitor, windowMs }: Chain,
  endMs: number,
): Promise<RecordedAlertState[]> {
  return store.query(selectFrom, { project, model, monitor, window_ms: windowMs, end: endMs });
}
