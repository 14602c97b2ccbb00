import { BodyFault } from './body-fault.js';

export type EventFormat = 'json' | 'ndjson';

export interface EventSlices {
  /** The bytes of each event, in order; not parsed, so that a damaged event costs only itself. */
  readonly slices: readonly Buffer[];
  /** Whether the request is one object and no batch. */
  readonly single: boolean;
}

const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

/**
 * Cuts a body into the bytes of its events: the lines of NDJSON without the blank ones, the elements of a JSON array, or one JSON
 * object. A byte order mark at the start is skipped. Only the structure is looked at; each slice may still be no JSON.
 */
export function splitEvents(body: Buffer, format: EventFormat, maxEvents: number): EventSlices | BodyFault {
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  if (format === 'ndjson') return splitLines(body, start, maxEvents);
  const first = skipBlank(body, start, body.length);
  if (first === body.length) {
    return new BodyFault('not_json', 'the body is empty: send an event, a JSON array of events, or NDJSON');
  }
  if (body[first] !== BRACKET_OPEN) return { slices: [body.subarray(first)], single: true };
  return splitArray(body, first, maxEvents);
}

function splitLines(body: Buffer, start: number, maxEvents: number): EventSlices | BodyFault {
  const slices: Buffer[] = [];
  for (let at = start; at < body.length;) {
    const newline = body.indexOf(NEWLINE, at);
    const end = newline === -1 ? body.length : newline;
    if (skipBlank(body, at, end) < end) {
      if (slices.length === maxEvents) return tooMany(maxEvents);
      slices.push(body.subarray(at, end));
    }
    at = end + 1;
  }
  return { slices, single: false };
}

/** Cuts at the commas between the elements: brackets are counted, and strings are skipped. */
function splitArray(body: Buffer, open: number, maxEvents: number): EventSlices | BodyFault {
  const close = endOfArray(body, open, maxEvents);
  if (close instanceof BodyFault) return close;
  const { at, commas } = close;
  if (skipBlank(body, at + 1, body.length) < body.length) return notAnArray('something follows its end');
  if (commas.length === 0 && skipBlank(body, open + 1, at) === at) return { slices: [], single: false };
  const slices: Buffer[] = [];
  let start = open + 1;
  for (const end of [...commas, at]) {
    if (skipBlank(body, start, end) === end)
      return notAnArray('there is nothing between two commas, or after the last');
    slices.push(body.subarray(start, end));
    start = end + 1;
  }
  return { slices, single: false };
}

/** Positions of the bracket that closes the array and of the commas between its elements. */
function endOfArray(body: Buffer, open: number, maxEvents: number): { at: number; commas: number[] } | BodyFault {
  const commas: number[] = [];
  let depth = 1;
  for (let at = open + 1; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      at = endOfString(body, at);
    } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
      depth += 1;
    } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
      depth -= 1;
      if (depth === 0) return byte === BRACKET_CLOSE ? { at, commas } : notAnArray('it ends with "}"');
    } else if (byte === COMMA && depth === 1) {
      commas.push(at);
      if (commas.length >= maxEvents) return tooMany(maxEvents);
    }
  }
  return notAnArray('its end is missing');
}

/** Index of the quote that ends the string which begins at `at`; the body's length when there is none. */
function endOfString(body: Buffer, at: number): number {
  for (let index = at + 1; index < body.length; index++) {
    const byte = body[index]!;
    if (byte === QUOTE) return index;
    if (byte === BACKSLASH) index += 1;
  }
  return body.length;
}

function skipBlank(body: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = body[at]!;
    if (byte !== 0x20 && byte !== 0x0d && byte !== NEWLINE && byte !== 0x09) break;
    at += 1;
  }
  return at;
}

function tooMany(maxEvents: number): BodyFault {
  return new BodyFault('too_many_events', `the request holds more than ${maxEvents} events: send it in smaller parts`);
}

function notAnArray(what: string): BodyFault {
  return new BodyFault('not_json', `the body is no JSON array: ${what}`);
}
