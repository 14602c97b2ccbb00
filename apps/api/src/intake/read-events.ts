import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { Rejection, RejectionReason } from '@plumbline/contracts';
import { Fault } from './fault.js';
import type { IntakeContext } from './intake-context.js';

/** Longest list of rejections in a reply; the rest are counted only. */
export const MAX_LISTED_REJECTIONS = 1_000;
/** Events between two pauses that let other requests in. */
const EVENTS_PER_TURN = 2_000;

export interface ReadEvents<E> {
  readonly events: readonly { readonly event: E; readonly sizeBytes: number }[];
  readonly rejected: readonly Rejection[];
  readonly rejectedByReason: ReadonlyMap<RejectionReason, number>;
}

/** Parses and checks the events of a request, one by one: each damaged one costs only itself. */
export async function readEvents<E extends object>(
  slices: readonly Buffer[],
  parse: (raw: unknown, context: IntakeContext) => E | Fault,
  context: IntakeContext,
): Promise<ReadEvents<E>> {
  const events: { event: E; sizeBytes: number }[] = [];
  const rejected: Rejection[] = [];
  const rejectedByReason = new Map<RejectionReason, number>();
  for (let index = 0; index < slices.length; index++) {
    if (index > 0 && index % EVENTS_PER_TURN === 0) await setImmediate();
    const slice = slices[index]!;
    const result = readEvent(slice, parse, context);
    if (!(result instanceof Fault)) {
      events.push({ event: result, sizeBytes: slice.length });
      continue;
    }
    rejectedByReason.set(result.reason, (rejectedByReason.get(result.reason) ?? 0) + 1);
    if (rejected.length < MAX_LISTED_REJECTIONS) rejected.push({ index, ...result });
  }
  return { events, rejected, rejectedByReason };
}

function readEvent<E extends object>(
  slice: Buffer,
  parse: (raw: unknown, context: IntakeContext) => E | Fault,
  context: IntakeContext,
): E | Fault {
  const { maxEventBytes } = context.limits;
  if (slice.length > maxEventBytes) {
    return new Fault('', 'event_too_large', `has ${slice.length} bytes; at most ${maxEventBytes} are allowed`);
  }
  // Without this check damaged bytes would silently become U+FFFD, and two different ids one.
  if (!isUtf8(slice)) return new Fault('', 'not_json', 'is not UTF-8');
  const text = slice.toString('utf8');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return new Fault('', 'not_json', whyNotJson(text, error));
  }
  return parse(raw, context);
}

function whyNotJson(text: string, error: unknown): string {
  if (/[:[,]\s*-?(NaN|Infinity)\b/.test(text)) {
    return 'NaN and Infinity are not JSON: send null for a missing value';
  }
  const message = error instanceof Error ? error.message : String(error);
  return `is not JSON: ${message.slice(0, 200)}`;
}
