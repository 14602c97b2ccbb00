import { setImmediate } from 'node:timers/promises';
import { EventFault, type IntakeContext, readEvent } from '@plumbline/contracts';
import { Rejections } from './rejections.js';

/** Events between two pauses that let other requests in. */
const EVENTS_PER_TURN = 2_000;

/**
 * Parses and checks the events of a request, one by one: each damaged one costs only itself.
 * @param take is given each event with the bytes it was read from
 */
export async function readEvents<E extends object>(
  slices: readonly Buffer[],
  parse: (raw: unknown, context: IntakeContext) => E | EventFault,
  context: IntakeContext,
  take: (event: E, bytes: Buffer) => void,
): Promise<Rejections> {
  const rejections = new Rejections();
  for (let index = 0; index < slices.length; index++) {
    if (index > 0 && index % EVENTS_PER_TURN === 0) await setImmediate();
    const slice = slices[index]!;
    const result = readEvent(slice, parse, context);
    if (result instanceof EventFault) rejections.add(index, result);
    else take(result, slice);
  }
  return rejections;
}
