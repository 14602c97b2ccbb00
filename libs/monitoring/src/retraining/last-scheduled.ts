import { type CronFields, parseCron, parseDuration, type RetrainingPolicyDeclaration } from '@plumbline/contracts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The 29th of February comes every four years, and not in 2100. */
const LONGEST_WAIT_DAYS = 8 * 366;

/** Returns the last time of a schedule that is after one instant and not after another; undefined when there is none. */
export function lastScheduled(
  schedule: NonNullable<RetrainingPolicyDeclaration['schedule']>,
  afterMs: number,
  nowMs: number,
): number | undefined {
  const last = 'every' in schedule ? lastMultiple(schedule.every, nowMs) : lastOfCron(parseCron(schedule.cron), nowMs);
  return last !== undefined && last > afterMs ? last : undefined;
}

function lastMultiple(every: string, nowMs: number): number {
  const everyMs = parseDuration(every);
  return Math.floor(nowMs / everyMs) * everyMs;
}

function lastOfCron(fields: CronFields, nowMs: number): number | undefined {
  const today = Math.floor(nowMs / DAY_MS);
  for (let day = today; day > today - LONGEST_WAIT_DAYS; day--) {
    if (!isDay(fields, new Date(day * DAY_MS))) continue;
    const minutesLeft = day === today ? Math.floor((nowMs - day * DAY_MS) / MINUTE_MS) : 24 * 60 - 1;
    const minute = lastMinute(fields, minutesLeft);
    if (minute !== undefined) return day * DAY_MS + minute * MINUTE_MS;
  }
  return undefined;
}

function isDay({ daysOfMonth, daysOfWeek, months, eitherDay }: CronFields, date: Date): boolean {
  const ofMonth = daysOfMonth.has(date.getUTCDate());
  const ofWeek = daysOfWeek.has(date.getUTCDay());
  return months.has(date.getUTCMonth() + 1) && (eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
}

/** Counted from midnight. */
function lastMinute({ minutes, hours }: CronFields, notAfter: number): number | undefined {
  for (let minute = notAfter; minute >= 0; minute--) {
    if (minutes.has(minute % 60) && hours.has(Math.floor(minute / 60))) return minute;
  }
  return undefined;
}
