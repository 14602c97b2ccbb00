/** Sizes and colours that all charts share; the colours are variables of the style sheet. */
export const AXIS_LABEL = { color: 'var(--ink-3)', fontSize: 12 } as const;
export const AXIS_LINE = { lineStyle: { color: 'var(--line-strong)' } } as const;
export const SPLIT_LINE = { lineStyle: { color: 'var(--line)' } } as const;

/** Labels of a time axis: the day where a day begins, else the hour. */
export const TIME_LABEL = {
  ...AXIS_LABEL,
  hideOverlap: true,
  formatter: {
    year: '{yyyy}',
    month: '{d} {MMM}',
    day: '{d} {MMM}',
    hour: '{HH}:{mm}',
    minute: '{HH}:{mm}',
  },
} as const;
