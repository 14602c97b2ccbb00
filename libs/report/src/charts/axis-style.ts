/** Sizes and colours that all charts share; the colours are variables of the style sheet. */
export const AXIS_LABEL = { color: 'var(--ink-3)', fontSize: 12 } as const;
export const AXIS_LINE = { lineStyle: { color: 'var(--line-strong)' } } as const;
export const SPLIT_LINE = { lineStyle: { color: 'var(--line)' } } as const;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Labels of a time axis: the day where a day begins, else the hour. */
export const TIME_LABEL = {
  ...AXIS_LABEL,
  hideOverlap: true,
  // With a template for each unit the first label would be the year alone.
  formatter: (wallClockMs: number): string => {
    const date = new Date(wallClockMs);
    const time = date.toISOString().slice(11, 16);
    return time === '00:00' ? `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]!}` : time;
  },
} as const;
