import { setImmediate } from 'node:timers/promises';
import { EventFault, type IntakeContext, readEvent } from '@plumbline/contracts';
import { Rejections } from './rejections.js';

/** Events between two pauses that let other requests in. */
const EVENTS_PER_TURN = 2_000;

/** Who is given the events of a request. */
export interface EventTaker<E> {
  /** Takes an event from its bytes alone, if it can. */
  readonly addPlain?: (bytes: Buffer) => boolean;
  /** @param bytes that the event was read from */
  add(event: E, bytes: Buffer): void;
}

/** Parses and checks the events of a request, one by one: each damaged one costs only itself. */
export async function readEvents<E extends object>(
  slices: readonly Buffer[],
  parse: (raw: unknown, context: IntakeContext) => E | EventFault,
  context: IntakeContext,
  taker: EventTaker<E>,
): Promise<Rejections> {
  const rejections = new Rejections();
  for (let index = 0; index < slices.length; index++) {
    if (index > 0 && index % EVENTS_PER_TURN === 0) await setImmediate();
    const slice = slices[index]!;
    if (taker.addPlain?.(slice) === true) continue;
    const result = readEvent(slice, parse, context);
    if (result instanceof EventFault) rejections.add(index, result);
    else taker.add(result, slice);
  }
  return rejections;
}
