/** Predictions of a version in an hour. */
export interface HourlyTraffic {
  readonly version: string;
  readonly hourMs: number;
  readonly n: number;
}

export interface BinsPeriod {
  readonly version: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rows from which bins are made: they only say where values are told apart, so a rough idea of a series will do. */
export const ROWS_FOR_BINS = 200;
/** More make no better bins, and cost a sort for each series. */
const ROWS_ENOUGH = 500_000;
const HOUR_MS = 3_600_000;

/**
 * Returns the first predictions of a version that are enough to make bins of: of one window, or of as many hours as it takes to have
 * 200; fewer hours where there are very many. Of the version that has them first; undefined when none has.
 * @param traffic of any versions; hours without predictions may be absent
 */
export function chooseBinsPeriod(traffic: readonly HourlyTraffic[], everyMs: number): BinsPeriod | undefined {
  const open = new Map<string, { fromMs: number; n: number }>();
  for (const { version, hourMs, n } of [...traffic].sort((left, right) => left.hourMs - right.hourMs)) {
    let period = open.get(version);
    if (period === undefined) open.set(version, (period = { fromMs: hourMs, n: 0 }));
    period.n += n;
    const toMs = hourMs + HOUR_MS;
    const long = toMs - period.fromMs >= everyMs;
    if (period.n >= ROWS_ENOUGH || (period.n >= ROWS_FOR_BINS && long)) return { version, fromMs: period.fromMs, toMs };
  }
  // The window ends before its last hours had any predictions.
  for (const [version, { fromMs, n }] of open) {
    const last = traffic.reduce(
      (latest, each) => (each.version === version ? Math.max(latest, each.hourMs) : latest),
      0,
    );
    if (n >= ROWS_FOR_BINS) return { version, fromMs, toMs: last + HOUR_MS };
  }
  return undefined;
}
