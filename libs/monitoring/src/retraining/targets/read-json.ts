/** Longest id or address that is taken from an answer. */
const MAX_LENGTH = 500;

/** Returns what a text holds as JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns what a JSON pointer (RFC 6901) points at; undefined when there is nothing. */
export function atPointer(value: unknown, pointer: string): unknown {
  let found = value;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** Returns the text or the whole number at a pointer as an id; "" when there is none that can be shown. */
export function idAt(value: unknown, pointer: string): string {
  const found = atPointer(value, pointer);
  if (typeof found === 'number') return Number.isSafeInteger(found) ? String(found) : '';
  return typeof found === 'string' && found.length <= MAX_LENGTH && !/\p{C}/u.test(found) ? found : '';
}

/** Returns an address that a browser may be sent to; "" when the text is none. */
export function webAddress(text: unknown): string {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !URL.canParse(text)) return '';
  const { protocol, href } = new URL(text);
  return protocol === 'https:' || protocol === 'http:' ? href : '';
}
