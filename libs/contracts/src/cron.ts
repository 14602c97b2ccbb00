import { z } from 'zod';

/** The instants of a cron expression, in UTC: sets of allowed values. */
export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** As cron has it: where both days are restricted, a day that fits one of them will do. */
  readonly eitherDay: boolean;
}

const FIELDS = [
  ['minute', 0, 59],
  ['hour', 0, 23],
  ['day of the month', 1, 31],
  ['month', 1, 12],
  ['day of the week', 0, 7],
] as const;

/**
 * Returns the fields of a cron expression of five fields (minute, hour, day of the month, month, day of the week), each `*`, a
 * number, a range `a-b`, either with a step `/n`, or a list of these.
 * @throws RangeError that names the field
 */
export function parseCron(text: string): CronFields {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    throw new RangeError(
      'must have five fields: minute, hour, day of the month, month, day of the week, as in "0 3 * * 1"',
    );
  }
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = FIELDS.map(([name, least, most], index) =>
    valuesOf(parts[index]!, name, least, most),
  );
  // 7 is Sunday too.
  if (daysOfWeek!.delete(7)) daysOfWeek!.add(0);
  const eitherDay = !parts[2]!.startsWith('*') && !parts[4]!.startsWith('*');
  const fields = {
    minutes: minutes!,
    hours: hours!,
    daysOfMonth: daysOfMonth!,
    months: months!,
    daysOfWeek: daysOfWeek!,
    eitherDay,
  };
  if (!eitherDay && !hasDay(fields)) throw new RangeError('no month in it has such a day');
  return fields;
}

function valuesOf(part: string, name: string, least: number, most: number): Set<number> {
  const values = new Set<number>();
  for (const item of part.split(',')) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item);
    const [, from, to, step] = match ?? [];
    const first = from === undefined ? least : Number(from);
    const last = from === undefined || (to === undefined && step !== undefined) ? most : Number(to ?? from);
    if (match === null || first < least || last > most || first > last || step === '0' || step === '00') {
      throw new RangeError(
        `"${item}" is no ${name}: write *, a number from ${least} to ${most}, a range or a step, as in */2`,
      );
    }
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function hasDay({ daysOfMonth, months }: CronFields): boolean {
  return [...months].some((month) => [...daysOfMonth].some((day) => day <= LONGEST[month - 1]!));
}

export const cronSchema = z.string().superRefine((text, context) => {
  try {
    parseCron(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as RangeError).message });
  }
});
