import { setImmediate } from 'node:timers/promises';
import {
  type BodyFault,
  type EventFault,
  type IntakeContext,
  type ParsedColumns,
  predictionColumnsInSteps,
} from '@plumbline/contracts';
import { RECORD_LIMITS } from './event-collectors.js';

/** Parses and checks predictions that came as columns, a part at a time so that other requests get their turns. */
export async function readColumns(
  raw: unknown,
  context: IntakeContext,
  maxRows: number,
): Promise<ParsedColumns | EventFault | BodyFault> {
  const steps = predictionColumnsInSteps(raw, context, maxRows, RECORD_LIMITS);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}
