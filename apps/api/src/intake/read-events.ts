import { setImmediate } from 'node:timers/promises';
import { EventFault, type IntakeContext, readEvent, type Rejection, type RejectionReason } from '@plumbline/contracts';

/** Longest list of rejections in a reply; the rest are counted only. */
export const MAX_LISTED_REJECTIONS = 1_000;
/** Events between two pauses that let other requests in. */
const EVENTS_PER_TURN = 2_000;

export interface ReadEvents<E> {
  /** Each with the bytes it was read from. */
  readonly events: readonly { readonly event: E; readonly bytes: Buffer }[];
  readonly rejected: readonly Rejection[];
  readonly rejectedByReason: ReadonlyMap<RejectionReason, number>;
}

/** Parses and checks the events of a request, one by one: each damaged one costs only itself. */
export async function readEvents<E extends object>(
  slices: readonly Buffer[],
  parse: (raw: unknown, context: IntakeContext) => E | EventFault,
  context: IntakeContext,
): Promise<ReadEvents<E>> {
  const events: { event: E; bytes: Buffer }[] = [];
  const rejected: Rejection[] = [];
  const rejectedByReason = new Map<RejectionReason, number>();
  for (let index = 0; index < slices.length; index++) {
    if (index > 0 && index % EVENTS_PER_TURN === 0) await setImmediate();
    const slice = slices[index]!;
    const result = readEvent(slice, parse, context);
    if (!(result instanceof EventFault)) {
      events.push({ event: result, bytes: slice });
      continue;
    }
    rejectedByReason.set(result.reason, (rejectedByReason.get(result.reason) ?? 0) + 1);
    if (rejected.length < MAX_LISTED_REJECTIONS) rejected.push({ index, ...result });
  }
  return { events, rejected, rejectedByReason };
}
