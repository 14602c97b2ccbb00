import { nameSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { readCursor } from '../../../http/page.js';
import { validate } from '../../../http/validate.js';
import { optionalField, timeField } from '../page-filters.js';

/** What the address narrows a list of alerts to. */
export interface AlertFilters {
  readonly state: 'firing' | 'resolved' | undefined;
  readonly severity: 'critical' | 'warning' | undefined;
  readonly model: string | undefined;
  readonly monitor: string | undefined;
  /** Alerts that fired after `fromMs` and not after `toMs`. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly before: { readonly firedAtMs: number; readonly alertId: string } | undefined;
}

const filtersSchema = (zone: string) =>
  z.object({
    state: optionalField(z.enum(['firing', 'resolved'], { message: 'must be firing or resolved' })),
    severity: optionalField(z.enum(['critical', 'warning'], { message: 'must be critical or warning' })),
    model: optionalField(nameSchema),
    monitor: optionalField(nameSchema),
    from: optionalField(timeField(zone)),
    to: optionalField(timeField(zone)),
    cursor: optionalField(z.string().max(2_000)),
  });
const positionSchema = z.tuple([z.number(), z.string()]);

/** Returns what the query of an address narrows a list of alerts to. @throws Problem 400 that names the field */
export function readAlertFilters(query: unknown, zone: string): AlertFilters {
  const { state, severity, model, monitor, from, to, cursor } = validate(filtersSchema(zone), query, 'the address');
  const position = readCursor(cursor, positionSchema);
  const before = position && { firedAtMs: position[0], alertId: position[1] };
  return { state, severity, model, monitor, fromMs: from, toMs: to, before };
}

/** Returns the query that stands for the filters. */
export function alertQuery({
  state,
  severity,
  model,
  monitor,
  fromMs,
  toMs,
  before,
}: AlertFilters): Record<string, string> {
  const entries = {
    state,
    severity,
    model,
    monitor,
    from: fromMs === undefined ? undefined : new Date(fromMs).toISOString(),
    to: toMs === undefined ? undefined : new Date(toMs).toISOString(),
    cursor: before && Buffer.from(JSON.stringify([before.firedAtMs, before.alertId])).toString('base64url'),
  };
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
