import { EventFault } from './event-fault.js';
import type { IntakeContext } from './intake-context.js';

/** Fatal: otherwise damaged bytes would silently become U+FFFD, and two different ids one. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns the event that the bytes of one JSON value hold, or why it is refused. */
export function readEvent<E extends object>(
  bytes: Uint8Array,
  parse: (raw: unknown, context: IntakeContext) => E | EventFault,
  context: IntakeContext,
): E | EventFault {
  const oversize = checkEventSize(bytes, context.limits);
  if (oversize !== undefined) return oversize;
  const raw = readJson(bytes);
  return raw instanceof EventFault ? raw : parse(raw, context);
}

/** Why an event of so many bytes is refused; undefined when it is small enough. */
export function checkEventSize(
  bytes: Uint8Array,
  { maxEventBytes }: Pick<IntakeContext['limits'], 'maxEventBytes'>,
): EventFault | undefined {
  if (bytes.length <= maxEventBytes) return undefined;
  return new EventFault('', 'event_too_large', `has ${bytes.length} bytes; at most ${maxEventBytes} are allowed`);
}

/** Returns the value of a JSON text in UTF-8, or why it is none. */
export function readJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return new EventFault('', 'not_json', 'is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    return new EventFault('', 'not_json', whyNotJson(text, error));
  }
}

function whyNotJson(text: string, error: unknown): string {
  if (/[:[,]\s*-?(NaN|Infinity)\b/.test(text)) {
    return 'NaN and Infinity are not JSON: send null for a missing value';
  }
  const message = error instanceof Error ? error.message : String(error);
  return `is not JSON: ${message.slice(0, 200)}`;
}
