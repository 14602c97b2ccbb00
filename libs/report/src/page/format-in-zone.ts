/** `day`: "2026-11-22"; `minute`: "2026-11-22 02:10"; `second`: "2026-11-22 02:10:05". */
export type InstantForm = 'day' | 'minute' | 'second';

/** Making one takes as long as formatting a hundred times. There are as many as zones that were asked for. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns an instant as it is written in a time zone. Console script and e-mails write the same way.
 * @param zone IANA name
 * @throws RangeError when there is no such zone
 */
export function formatInZone(atMs: number, zone: string, form: InstantForm = 'minute'): string {
  // A time beyond what dates can hold would throw, and a page must be made of anything.
  if (Number.isNaN(new Date(atMs).getTime())) return '–';
  const parts = new Map(
    formatFor(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const day = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  if (form === 'day') return day;
  const minute = `${day} ${parts.get('hour')}:${parts.get('minute')}`;
  return form === 'minute' ? minute : `${minute}:${parts.get('second')}`;
}

/** Whether the name is that of a time zone. */
export function isTimeZone(zone: string): boolean {
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  // Names come in many spellings ("europe/berlin"), from whoever sets the cookie.
  if (formats.size < 1_000) formats.set(zone, made);
  return made;
}
