import type { MuteTime } from '@plumbline/contracts';

const MINUTE_MS = 60_000;
/** Clocks are put forward and back at whole quarters of an hour of universal time: nothing is foreseen beyond the next. */
const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MINUTES = 24 * 60;
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Formatters are slow to make and there are few time zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns when to look again whether one of the mute times still holds, in milliseconds since 1970; undefined when none holds now.
 * Times are those that a clock on the wall shows: an hour that is skipped is not muted, one that comes twice is muted twice.
 */
export function mutedUntil(muteTimes: readonly MuteTime[], nowMs: number): number | undefined {
  const left = muteTimes.map((mute) => minutesLeft(mute, nowMs)).filter((minutes) => minutes > 0);
  if (left.length === 0) return undefined;
  const minuteStartMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const nextQuarterMs = (Math.floor(nowMs / QUARTER_MS) + 1) * QUARTER_MS;
  return Math.min(minuteStartMs + Math.max(...left) * MINUTE_MS, nextQuarterMs);
}

/** Minutes by the clock on the wall until the mute time ends, counted from the beginning of this minute; 0 when it does not hold. */
function minutesLeft({ weekdays: days, from, to, time_zone }: MuteTime, nowMs: number): number {
  const { weekday, minute } = wallClock(time_zone, nowMs);
  const [start, end] = [minuteOfDay(from), minuteOfDay(to)];
  const begins = (day: number): boolean => days === undefined || days.includes(weekdays[(day + 7) % 7]!);
  if (start < end) return begins(weekday) && minute >= start && minute < end ? end - minute : 0;
  // Over midnight: it began today, or yesterday.
  if (begins(weekday) && minute >= start) return DAY_MINUTES - minute + end;
  return begins(weekday - 1) && minute < end ? end - minute : 0;
}

function minuteOfDay(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

/** Day of the week (0 is Monday) and minute of the day in a time zone. */
function wallClock(timeZone: string, nowMs: number): { readonly weekday: number; readonly minute: number } {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, formatter);
  }
  const parts = new Map(formatter.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const day = parts.get('weekday')!.toLowerCase();
  return {
    weekday: weekdays.findIndex((name) => name === day),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}
